import { afterEach, beforeEach, expect, it } from "vitest";
import { OverloadError } from "../errors/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { AnyPredictor, ModelResolver } from "../types/index.ts";
import { toFetchHandler } from "./fetch-handler.ts";

const post = (path: string, body: unknown): Request =>
  new Request(`http://h.test${path}`, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

let predictor: AnyPredictor;
let events: string[];
let models: ModelResolver;
beforeEach(async () => {
  predictor = (await createPredictor({ name: "double", backend: fakeBackend(), source: "m" })) as unknown as AnyPredictor;
  events = [];
  models = {
    resolve: () => predictor,
    lease(name) {
      events.push(`lease ${name}`);
      return { predictor, release: () => void events.push(`release ${predictor.stats().running}`) };
    },
    list: () => [{ name: "double", version: "1", labels: [], predictor }],
  };
});
afterEach(() => predictor.close());

it("a resolver that leases has its predictor back when the reply is ready, whatever that is", async () => {
  const handler = toFetchHandler({ models });
  expect((await handler(post("/predict/double", { x: [[2]] }))).status).toBe(200);
  expect((await handler(post("/predict/double", { x: "two" }))).status).toBe(400);
  await handler.close();
  expect((await handler(post("/predict/double", { x: [[2]] }))).status).toBe(503);
  expect(events).toEqual(["lease double", "release 0", "lease double", "release 0", "lease double", "release 0"]);
});

it("a request that access refuses leases nothing, and its reply is what was thrown", async () => {
  const access = () => Promise.reject(new OverloadError("RATE_LIMITED", "too many", { details: { retryAfterMs: 3000 } }));
  const { status, headers } = await toFetchHandler({ models, access })(post("/predict/double", { x: [[2]] }));
  expect([status, headers.get("retry-after")]).toEqual([429, "3"]);
  expect(events).toEqual([]);
  expect(predictor.stats().requests).toBe(0);
});
