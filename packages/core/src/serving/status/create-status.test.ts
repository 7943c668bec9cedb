import { describe, expect, it } from "vitest";
import { createPredictor } from "../../predictor/index.ts";
import { tensor } from "../../tensor/index.ts";
import { fakeBackend } from "../../testing/index.ts";
import type { AnyPredictor, ModelResolver } from "../../types/index.ts";
import { toFetchHandler } from "../fetch-handler.ts";
import type { Host } from "../protocol.ts";
import { createStatus, type StatusNumbers } from "./create-status.ts";

const open = async (): Promise<AnyPredictor> =>
  (await createPredictor({ name: "line", backend: fakeBackend(), source: "m" })) as unknown as AnyPredictor;
const input = { x: tensor("float32", [1], [1, 1]) };

function hostOf(models: ModelResolver): Host {
  return { resolver: models, title: "T", base: "", prefix: "", defaultName: "line", isDraining: () => false } as unknown as Host;
}

const alone = (predictor: AnyPredictor): ModelResolver => ({
  resolve: () => predictor,
  list: () => [{ name: "line", version: "1", labels: ["stable"], predictor }],
});

describe("the status page's numbers", () => {
  it("begin when somebody looks, and end a minute after the last look", async () => {
    const predictor = await open();
    let time = 0;
    const status = createStatus(hostOf(alone(predictor)), () => time);
    await predictor.predict(input);
    const recent = (): Record<string, unknown> =>
      (status.numbers().versions[0] as { open: { recent: Record<string, unknown> } }).open.recent;
    expect(recent()).toMatchObject({ requestsPerSecond: 0, p50Ms: null });
    time = 1000;
    for (let i = 0; i < 4; i++) await predictor.predict(input);
    time = 2000;
    expect(recent()).toMatchObject({
      seconds: 2,
      requestsPerSecond: 2,
      errorRatio: 0,
      rowsPerRun: 1,
      maxRows: 1,
      p50Ms: expect.any(Number),
    });
    time = 70_000;
    await predictor.predict(input);
    await predictor.predict(input);
    // It has begun anew.
    expect(recent()).toMatchObject({ seconds: 0, requestsPerSecond: 0 });
    expect(status.numbers()).toMatchObject({
      title: "T",
      upMs: 70_000,
      versions: [
        { name: "line", version: "1", default: true, state: "ready", reason: "", open: { totals: { requests: 7 }, device: "cpu" } },
      ],
    });
    status.close();
    await predictor.close();
  });

  it("have versions that are not open, why, and how requests are divided", async () => {
    const predictor = await open();
    const state = { name: "line", labels: [] };
    const report = { split: [], versions: [], shadow: undefined, rollbacks: [{ reason: "too slow" }] };
    const status = createStatus(
      hostOf({
        ...alone(predictor),
        index: () => [
          { ...state, version: "1", state: "READY", reason: "" },
          { ...state, version: "2", state: "UNAVAILABLE", reason: "golden case 1: off by 3" },
        ],
        traffic: (name) => (name === "line" ? report : undefined),
      }),
    );
    const { versions, traffic } = status.numbers();
    expect(versions.map(({ version, state, reason, open }) => [version, state, reason, open !== undefined])).toEqual([
      ["1", "ready", "", true],
      ["2", "unavailable", "golden case 1: off by 3", false],
    ]);
    expect(traffic).toEqual({ line: report });
    status.close();
    await predictor.close();
  });
});

describe("the status page", () => {
  it("lets nothing run but itself, and asks where it is mounted", async () => {
    const predictor = await open();
    const handler = toFetchHandler({ models: [predictor], prefix: "/api", base: "/tenant", title: "<b>" });
    const [one, two] = await Promise.all([1, 2].map(() => handler(new Request("http://h.test/api/status"))));
    const [policy, other] = [one, two].map((reply) => reply?.headers.get("content-security-policy"));
    const nonce = /script-src 'nonce-([0-9a-f-]{36})'/.exec(policy as string)?.[1] as string;
    expect(policy).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(other).not.toBe(policy);
    const page = (await one?.text()) as string;
    expect(page).toContain('data-numbers="/tenant/api/status.json"');
    expect(page).toContain("<h1>&#60;b&#62;</h1>");
    expect(page.match(new RegExp(`nonce="${nonce}"`, "g"))).toHaveLength(2);
    expect(page).not.toMatch(/<[^>]* (style|on\w+)=|https?:\/\/(?!www\.w3\.org)/);
    const numbers = (await (await handler(new Request("http://h.test/api/status.json"))).json()) as StatusNumbers;
    expect(numbers).toMatchObject({ draining: false, versions: [{ name: "line" }] });
    await handler.close();
    await predictor.close();
  });

  it("can be left out, and stands behind the access hook as metrics", async () => {
    const without = toFetchHandler({ models: [], status: false });
    expect((await without(new Request("http://h.test/status"))).status).toBe(404);
    expect((await without(new Request("http://h.test/status.json"))).status).toBe(404);
    expect(await (await without(new Request("http://h.test/docs"))).text()).not.toContain("/status");
    const asked: string[] = [];
    const guarded = toFetchHandler({ models: [], access: ({ operation }) => void asked.push(operation) });
    await guarded(new Request("http://h.test/status"));
    await guarded(new Request("http://h.test/status.json"));
    expect(asked).toEqual(["metrics", "metrics"]);
  });
});
