import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createPredictor, type Tensors } from "@predikt/core";
import { fakeBackend } from "@predikt/core/testing";
import { expect, it } from "vitest";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
/** An object that a WeakRef has shown stays until the turn ends. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("a queue that never empties holds no tensors of jobs that are done", async () => {
  const backend = fakeBackend();
  const predictor = await createPredictor({ backend, source: "m" });
  backend.hold(true);
  const seen: WeakRef<object>[] = [];
  const call = (): Promise<Tensors> => {
    const data = new Float32Array(1);
    seen.push(new WeakRef(data));
    return predictor.run({ x: data }, { transfer: true });
  };
  const calls = [call(), call()];
  for (let i = 0; i < 100; i++) {
    await turn();
    calls.push(call());
    backend.release();
    const outputs = (await calls.shift()) as Tensors;
    seen.push(new WeakRef(outputs));
    backend.runs.length = 0;
  }
  await turn();
  gc();
  expect(seen.filter((tensors) => tensors.deref() !== undefined).length).toBeLessThan(10);
  backend.hold(false);
  backend.release();
  await Promise.all(calls);
  await predictor.close();
});
