import { createPredictor } from "@predikt/core";
import type { AnyPredictor } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { predikt } from "@predikt/node/fastify";
import Fastify from "fastify";
import { expect, it } from "vitest";
import { double } from "./models.ts";

it("pino, as Fastify has it, takes a line for each request and keeps no input", async () => {
  const lines: string[] = [];
  const app = Fastify({
    logger: { level: "info", stream: { write: (line: string) => void lines.push(line) } },
  });
  const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m" });
  await app.register(predikt, { prefix: "/api", models: [predictor as AnyPredictor], logger: app.log });
  const inject = (payload: object) => app.inject({ method: "POST", url: "/api/predict", payload, headers: { "x-request-id": "r1" } });
  await inject({ x: 987654 });
  await inject({ x: "987654" });
  await app.inject({ url: "/api/health/live" });
  await app.close();
  await predictor.close();
  const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ requestId }) => requestId !== undefined);
  expect(written).toMatchObject([
    { level: 30, requestId: "r1", msg: "POST predict 200", model: "double", version: "3", status: 200, runMs: expect.any(Number) },
    { level: 40, requestId: "r1", msg: "POST predict 400", code: "INPUT_DTYPE" },
  ]);
  expect(written).toHaveLength(2);
  expect(lines.join()).not.toContain("987654");
});
