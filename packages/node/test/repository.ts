import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tensor } from "@predikt/core";
import { extractExternalData, graph, initializer, model, node, readModel, value, writeModel } from "@predikt/core/onnx";

/** `y = factor · x`, x float32 [batch, 1]. */
export function times(factor: number): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Mul", ["x", "factor"], ["y"])],
        inputs: [value("x", "float32", ["batch", 1])],
        outputs: [value("y", "float32", ["batch", 1])],
        initializers: [initializer("factor", tensor("float32", [factor]))],
      }),
    ),
  );
}

/** A folder of models for a test. */
export class Folder {
  readonly root: string = mkdtempSync(join(tmpdir(), "predikt-test-"));

  /** Writes a file, and the folders above it; an object as JSON. */
  write(path: string, content: string | Uint8Array | object): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    const bytes = typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
    writeFileSync(file, bytes);
  }

  /** Writes a version that multiplies by `factor`. */
  version(name: string, version: string, factor: number): void {
    this.write(`${name}/${version}/model.onnx`, times(factor));
  }

  remove(path = "."): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }
}

/** `y = w · x` with w float32 [1] in `weights.bin` beside it. */
export function withWeightsApart(factor: number): { readonly model: Uint8Array; readonly weights: Uint8Array } {
  const made = readModel(times(factor));
  const weights = extractExternalData(made, { location: "weights.bin", minBytes: 0 });
  return { model: writeModel(made), weights };
}
