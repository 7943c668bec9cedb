import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { AccessError, OverloadError } from "../errors/index.ts";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { tensor } from "../tensor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { AnyPredictor, ModelResolver } from "../types/index.ts";
import type { AccessHook, AccessRequest } from "./access.ts";
import { toFetchHandler } from "./fetch-handler.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 3 },
});
const post = (path: string, body: unknown): Request =>
  new Request(`http://h.test${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", "x-key": "k" },
  });

let predictor: AnyPredictor;
beforeEach(async () => {
  predictor = (await createPredictor(double, { backend: fakeBackend(), source: "m" })) as unknown as AnyPredictor;
});
afterEach(() => predictor.close());

describe("an access hook", () => {
  it("is told what is asked before anything is read, and what it returns is called once the reply is ready", async () => {
    const asked: unknown[] = [];
    let left = 0;
    const access: AccessHook = async ({ method, header, operation, model, requestId }: AccessRequest) => {
      asked.push([method, operation, model, header("x-key"), requestId.length > 0]);
      return () => {
        left++;
      };
    };
    const handler = toFetchHandler({ models: [predictor], access });
    expect((await handler(post("/predict", { x: 2 }))).status).toBe(200);
    expect((await handler(post("/predict", { x: "two" }))).status).toBe(400);
    expect((await handler(new Request("http://h.test/models/double"))).status).toBe(200);
    expect((await handler(new Request("http://h.test/health/live"))).status).toBe(200);
    expect(asked).toEqual([
      ["POST", "predict", "double", "k", true],
      ["POST", "predict", "double", "k", true],
      ["GET", "metadata", "double", undefined, true],
      ["GET", "health", undefined, undefined, true],
    ]);
    expect(left).toBe(4);
  });

  it("refuses by what it throws, and the model hears of nothing", async () => {
    const refuse = (error: Error) =>
      toFetchHandler({ models: [predictor], access: () => Promise.reject(error) })(post("/predict", { x: 2 }));
    expect((await refuse(new AccessError("FORBIDDEN", "not you"))).status).toBe(403);
    const limited = await refuse(new OverloadError("RATE_LIMITED", "too many", { details: { retryAfterMs: 3000 } }));
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(predictor.stats().requests).toBe(0);
  });
});

describe("a resolver that leases", () => {
  it("has its predictor back when the reply is ready, whatever that is", async () => {
    const events: string[] = [];
    const models: ModelResolver = {
      resolve: () => predictor,
      lease(name) {
        events.push(`lease ${name}`);
        return { predictor, release: () => void events.push(`release ${predictor.stats().running}`) };
      },
      list: () => [{ name: "double", version: "1", labels: [], predictor }],
    };
    const handler = toFetchHandler({ models });
    expect((await handler(post("/predict/double", { x: 2 }))).status).toBe(200);
    expect((await handler(post("/predict/double", { x: "two" }))).status).toBe(400);
    await handler.close();
    expect((await handler(post("/predict/double", { x: 2 }))).status).toBe(503);
    expect(events).toEqual(["lease double", "release 0", "lease double", "release 0", "lease double", "release 0"]);
  });
});
