import fc from "fast-check";
import { expect, it } from "vitest";
import { ask, fakeVersion, times } from "../../test/fake-versions.ts";
import { toFetchHandler } from "../serving/index.ts";
import { FakeClock, settle } from "../testing/index.ts";
import type { Clock, Tensors } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { ModelConfig, Registry, VersionSource } from "./types.ts";

/** Versions of this number and above have wrong answers, which their golden case finds. */
const wrong = 1000;
const golden = [{ input: { x: [[1]] }, check: ({ y }: Tensors<"y">) => Number(y.data[0]) < wrong }];

/** A version of which each run takes `runMs`, and which is opened in `openMs`. */
function version(key: string, clock: Clock, runMs: number, openMs: number, fails: boolean) {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const compute = async (feeds: Tensors): Promise<Tensors> => {
    await wait(runMs);
    return times(feeds, Number(key));
  };
  const fake = fakeVersion(key, { clock, compute, concurrency: 4, queueLimit: 100_000, golden });
  const open: VersionSource["open"] = async (signal) => {
    await wait(openMs);
    if (fails) throw new Error("broken file");
    return fake.open(signal);
  };
  return { ...fake, open };
}

async function late(registry: Registry, clock: Clock, options: { routingKey: string | undefined }, ms: number): Promise<number> {
  const { predictor, release } = registry.lease("m", options);
  await new Promise<void>((resolve) => clock.after(ms, resolve));
  return ask(predictor, 1, options).finally(release);
}

const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 30 }),
  runMs: fc.integer({ min: 1, max: 20 }),
  openMs: fc.integer({ min: 0, max: 40 }),
  fate: fc.constantFrom("good", "good", "broken", "wrong"),
  how: fc.constantFrom("swap", "label", "reload", "canary"),
});

it("under constant load, swaps lose no request, and none is answered by a version that was not READY when it came", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const clock = new FakeClock();
      const registry = createRegistry({ clock });
      const model = registry.predictor("m");
      const all = [version("1", clock, 5, 0, false)];
      let listed = [...all];
      const first = registry.setVersions("m", listed, { policy: { latest: 1 } });
      await clock.advance(20);
      await first;

      const answers: Promise<void>[] = [];
      const request = (i: number): void => {
        const ready = registry.index().filter(({ state }) => state === "READY");
        expect(ready.length).toBeGreaterThan(0);
        const may = ready.map(({ version }) => Number(version));
        const key = i % 3 === 0 ? undefined : `user-${i % 50}`;
        const options = { routingKey: key };
        // Some have their version for a while before they ask it, as a server does that reads a body.
        const answer = i % 2 === 0 ? ask(model as never, 1, options) : late(registry, clock, options, i % 25);
        answers.push(
          answer.then((by) => {
            expect(may).toContain(by);
            expect(by).toBeLessThan(wrong);
          }),
        );
      };
      const swaps: Promise<unknown>[] = [];
      let sent = 0;
      for (const [i, { afterMs, runMs, openMs, fate, how }] of steps.entries()) {
        const key = String(fate === "wrong" ? wrong + i : i + 2);
        const next = version(key, clock, runMs, openMs, fate === "broken");
        all.push(next);
        listed = [...listed.slice(-2), next];
        const config: ModelConfig = {};
        if (how === "label") Object.assign(config, { labels: { stable: key } });
        if (how === "canary") {
          const split = [
            { version: listed.at(-2)?.version, weight: 1 },
            { label: "canary", weight: 1 },
          ];
          Object.assign(config, { labels: { canary: key }, traffic: { split } });
        }
        // A label, once set, may name a version that is no longer listed: a config that names all of them anew is what an operator would give.
        if (how === "swap" || how === "reload") Object.assign(config, { labels: null, traffic: null });
        swaps.push(registry.setVersions("m", listed, config));
        if (how === "reload") swaps.push(registry.load("m").catch(() => {}));
        for (let ms = 0; ms < afterMs + 5; ms++) {
          for (let n = 0; n < 3; n++) request(sent++);
          await clock.advance(1);
        }
      }
      const settled = Promise.all([...swaps, ...answers]);
      await clock.advance(200_000);
      await settled;
      expect(registry.resolve("m", {}).stats().running).toBe(0);
      const open = registry.list().length;
      expect(all.reduce((sum, { backend }) => sum + backend.openSessions(), 0)).toBe(open);
      const closing = registry.close();
      await clock.advance(100);
      await closing;
      expect(all.map(({ backend }) => backend.openSessions())).toEqual(all.map(() => 0));
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});

it("through the handler: who has come keeps the version that was there, while the body is read and while the model runs", async () => {
  const registry = createRegistry();
  // What answers by default may come later than the handler.
  const handle = toFetchHandler({ models: registry, default: "m" });
  const [old, next] = [fakeVersion("1"), fakeVersion("2")];
  await registry.setVersions("m", [old]);
  let send: (text: string) => void = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = (text) => {
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      };
    },
  });
  const init = { method: "POST", body, duplex: "half", headers: { "content-type": "application/json" } };
  const slow = handle(new Request("http://h.test/predict/m", init as RequestInit));
  await settle();
  await registry.setVersions("m", [old, next]);
  const quick = await handle(
    new Request("http://h.test/predict/m", { method: "POST", body: '{"x":[[3]]}', headers: { "content-type": "application/json" } }),
  );
  expect(quick.headers.get("x-predikt-model-version")).toBe("2");
  expect(await quick.json()).toMatchObject({ y: { data: [6] } });
  expect(old.backend.openSessions()).toBe(1);
  send('{"x":[[3]]}');
  const reply = await slow;
  expect(reply.status).toBe(200);
  expect(reply.headers.get("x-predikt-model-version")).toBe("1");
  expect(await reply.json()).toMatchObject({ y: { data: [3] } });
  await settle();
  expect(old.backend.openSessions()).toBe(0);

  // What the handler says of versions and readiness is the registry's.
  const get = async (path: string): Promise<{ status: number; body: unknown }> => {
    const reply = await handle(new Request(`http://h.test${path}`));
    return { status: reply.status, body: await reply.json() };
  };
  expect(await get("/models")).toMatchObject({ body: { models: [{ name: "m", version: "2", labels: ["stable"], default: true }] } });
  expect(await get("/health/ready")).toMatchObject({ status: 200 });
  await registry.setVersions("n", [fakeVersion("1", { error: new Error("secret") })]);
  const unready = await get("/health/ready");
  expect(unready).toMatchObject({ status: 503, body: { code: "NOT_READY", error: 'not ready: "n" is UNAVAILABLE' } });
  const refused = await handle(new Request("http://h.test/predict/n", { method: "POST", body: "{}" }));
  expect([refused.status, await refused.text()]).toEqual([503, expect.not.stringContaining("secret")]);
  await registry.close();
  await handle.close();
});

it("through the handler: what answers without a name is the model that was last the only one, also where it came later", async () => {
  const registry = createRegistry();
  const handle = toFetchHandler({ models: registry });
  const init = { method: "POST", body: '{"x":[[3]]}', headers: { "content-type": "application/json" } };
  const predict = async (): Promise<unknown> => {
    const reply = await handle(new Request("http://h.test/predict", init));
    const body = (await reply.json()) as { code?: string; y?: { data: number[] } };
    return body.y?.data[0] ?? body.code;
  };
  const answers = [await predict()];
  await registry.setVersions("m", [fakeVersion("2")]);
  answers.push(await predict());
  await registry.setVersions("n", [fakeVersion("5")]);
  answers.push(await predict());
  await registry.unload("m");
  // No other model answers in its place.
  answers.push(await predict());
  await registry.load("m");
  answers.push(await predict());
  await registry.setVersions("m", []);
  answers.push(await predict());
  expect(answers).toEqual(["MODEL_NOT_FOUND", 6, 6, "NOT_READY", 6, 15]);
  await handle.close();
  await registry.close();
});
