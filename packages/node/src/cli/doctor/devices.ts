import { isPrediktError, tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import { createPredictor } from "@predikt/node";

/** Whether a device opens models here. */
export interface DeviceReport {
  readonly device: string;
  readonly opens: boolean;
  /** The runtime, e.g. `onnxruntime-node 1.30.0`; null where it does not open. */
  readonly runtime: string | null;
  /** Why not, and what to install; null where it opens. */
  readonly reason: string | null;
}

const devices = ["cpu", "cuda", ...(process.platform === "darwin" ? ["coreml"] : process.platform === "win32" ? ["dml"] : []), "wasm"];

/** Opens a small model on every device, and asks it for an answer: nothing else tells whether it works. */
export async function probeDevices(onDevice: (device: string, ratio: number) => void): Promise<DeviceReport[]> {
  const bytes = smallModel();
  const reports: DeviceReport[] = [];
  for (const [index, device] of devices.entries()) {
    onDevice(device, index / devices.length);
    reports.push(await probe(device, bytes));
  }
  return reports;
}

async function probe(device: string, source: Uint8Array): Promise<DeviceReport> {
  try {
    // In a process of its own: a broken GPU driver takes that one along only.
    const predictor = await createPredictor({ source, device, execution: device === "cuda" ? "process" : "worker" });
    try {
      await predictor.predict({ x: [[1, 2, 3, 4]] });
      return { device, opens: true, runtime: String(predictor.info.details["runtime"] ?? ""), reason: null };
    } finally {
      await predictor.close();
    }
  } catch (error) {
    return { device, opens: false, runtime: null, reason: reasonOf(error, device) };
  }
}

/** The device's own reason, without the sentence around it. */
function reasonOf(error: unknown, device: string): string {
  if (!isPrediktError(error)) return error instanceof Error ? error.message : String(error);
  const tried = (error.details["tried"] ?? []) as readonly { readonly device: string; readonly reason: string }[];
  return tried.find((each) => each.device === device)?.reason ?? error.message;
}

/** `y = x · w`, x float32 [batch, 4]. */
function smallModel(): Uint8Array {
  const weights = tensor("float32", new Float32Array(8).fill(0.5), [4, 2]);
  return writeModel(
    model(
      graph({
        nodes: [node("MatMul", ["x", "w"], ["y"])],
        inputs: [value("x", "float32", ["batch", 4])],
        outputs: [value("y", "float32", ["batch", 2])],
        initializers: [initializer("w", weights)],
      }),
    ),
  );
}
