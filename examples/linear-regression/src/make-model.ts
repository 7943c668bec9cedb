import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { compare, tolerance } from "./check.ts";
import { toOnnx } from "./export.ts";
import { progressBar } from "./progress.ts";
import { epochs, train, weights } from "./train.ts";

/** Where the model lies unless told otherwise: beside this example's README. */
export const modelFile: string = fileURLToPath(new URL("../linear.onnx", import.meta.url));

/** Trains the network, exports it to `file`, checks the file against the network, and says so on the console. */
export async function makeModel(file: string = modelFile): Promise<void> {
  console.log("Training on (1,2), (2,4), (3,6), (4,8), (5,10)");
  const progress = progressBar(epochs);
  const network = await train(progress).finally(progress.stop);
  const { kernel, bias } = weights(network);
  console.log(`Trained: y = ${Number(kernel[0]).toFixed(4)} · x + ${Number(bias[0]).toFixed(4)}`);

  const bytes = toOnnx(network);
  const difference = await compare(network, bytes);
  await mkdir(dirname(file), { recursive: true });
  // Whoever reads the file meanwhile sees the old one or the new one, never half of it.
  await writeFile(`${file}.${process.pid}`, bytes);
  await rename(`${file}.${process.pid}`, file);
  console.log(`Exported: ${file} (${bytes.byteLength} bytes)`);
  console.log(`Checked: file and network differ by at most ${difference} (${tolerance} would pass)`);
  network.dispose();
}
