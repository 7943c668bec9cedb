import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type BackendSession, tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import { expect, it } from "vitest";
import { nodeBackend } from "./node-backend.ts";
import type { Execution } from "./options.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const megabyte = 2 ** 20;

/** Picks rows of a table of 40 MB. */
function table(): Uint8Array {
  const rows = new Float32Array(10 * megabyte);
  return writeModel(
    model(
      graph({
        nodes: [node("Gather", ["table", "x"], ["y"])],
        inputs: [value("x", "int64", ["batch"])],
        outputs: [value("y", "float32", ["batch"])],
        initializers: [initializer("table", tensor("float32", rows))],
      }),
    ),
  );
}

/** Apart, so that no frame of the test holds the bytes. */
function opened(execution: Execution): Promise<BackendSession> {
  return nodeBackend().open({ source: table(), device: "cpu", execution });
}

async function held(): Promise<number> {
  // What a promise's reactions hold goes with them.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return Math.round(process.memoryUsage().arrayBuffers / megabyte);
}

it.each(["inline", "worker", "process", "auto"] as Execution[])("a model's bytes go when its session closes, %s", async (execution) => {
  const before = await held();
  const session = await opened(execution);
  await session.calibrate?.({ x: tensor("int64", [0n], [1]) });
  if (execution === "inline") await expect.poll(held).toBeLessThan(before + 10);
  await session.close();
  await expect.poll(held).toBeLessThan(before + 10);
  expect(session.digest).toMatch(/^[0-9a-f]{64}$/);
});
