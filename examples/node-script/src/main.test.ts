import { afterEach, expect, it } from "vitest";
import { endAll, startScript } from "../../test-support/program.ts";

afterEach(endAll);

it("runs a model raw and another one with its definition, and ends by itself", async () => {
  const script = startScript("node-script", "start");
  expect(await script.ended).toBe(0);
  expect(script.stderr()).toBe("");
  const said = script.stdout();
  expect(said).toContain("inputs  [ { name: 'x', dtype: 'float32', shape: [ 'batch', 1 ] } ]");
  const [, batch] = /tensors in: +\[ 3, 1 \] Float32Array\(3\) \[\s+([^\]]*?)\s+\]/.exec(said) ?? [];
  expect(batch?.split(",").map(Number)).toEqual([2, 4, 6].map((y) => expect.closeTo(y, 1)));
  const [, nested] = /nested arrays in: +\[ 2, 1 \] Float32Array\(2\) \[\s+([^\]]*?)\s+\]/.exec(said) ?? [];
  expect(nested?.split(",").map(Number)).toEqual([20, 40].map((y) => expect.closeTo(y, 1)));
  expect(said).toMatch(/a handwritten 7 in: 7, with a confidence of (1\.0000|0\.99\d\d)/);
  expect(said).toMatch(/digits 1 on \w+: [\d.]+ ms, of which the model ran [\d.]+ ms/);
});
