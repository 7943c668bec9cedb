import { expect } from "vitest";
import { hasCurl, pasteReadme } from "./curl.ts";
import { post, seven } from "./http.ts";
import { startScript } from "./program.ts";

/** Starts a server example, asks both models in every way its README shows, and ends it in the middle of a large batch, which must be answered. */
export async function servesBoth(example: string): Promise<void> {
  const program = startScript(example, "start");
  const [, origin = ""] = await program.said(/(http:\/\/127\.0\.0\.1:\d+)/);

  const line = await post(`${origin}/api/predict`, { x: 3 });
  expect(line.status).toBe(200);
  expect((line.json as { y: number }).y).toBeCloseTo(6, 2);
  expect(await post(`${origin}/api/predict/digits`, seven)).toMatchObject({ status: 200, json: { digit: 7 } });
  expect(await post(`${origin}/api/predict`, '{"x": 3')).toMatchObject({ status: 400, json: { code: "BODY_INVALID" } });
  expect(await post(`${origin}/api/predict`, { x: "3" })).toMatchObject({
    status: 400,
    json: { code: "INPUT_DTYPE", issues: [{ path: "x" }] },
  });
  expect((await fetch(`${origin}/`)).url).toBe(`${origin}/api/docs`);

  const second = startScript(example, "start", { env: { PORT: new URL(origin).port } });
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toMatch(/EADDRINUSE.*Another port: PORT=\d+ npm start\n$/);

  if (hasCurl) {
    const [line, digit, both] = await pasteReadme(example, origin);
    expect(line).toEqual({ y: expect.closeTo(6, 2) });
    expect(digit).toMatchObject({ digit: 7 });
    expect(both).toEqual([{ output: { y: expect.closeTo(2, 2) } }, expect.objectContaining({ code: "INPUT_DTYPE" })]);
  }

  const before = await requests(origin);
  const many = post(`${origin}/api/predict/digits/batch`, new Array(500).fill(seven));
  while ((await requests(origin)) === before);
  program.child.kill("SIGINT");
  const { status, json } = await many;
  expect(status).toBe(200);
  expect(json).toHaveLength(500);
  const output = { digit: 7, confidence: expect.closeTo(1, 3), probabilities: expect.any(Array) };
  expect(json).toEqual(new Array(500).fill({ output }));
  expect(await program.ended).toBe("SIGINT");
  expect(program.stderr()).toBe("");
}

/** How many predictions the digit model has been asked for. */
async function requests(origin: string): Promise<number> {
  const model = (await (await fetch(`${origin}/api/models/digits`)).json()) as { stats: { requests: number } };
  return model.stats.requests;
}
