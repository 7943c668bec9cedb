import { json, load, loadPairs, startServer } from "../lib/http.mjs";
import { images } from "../lib/models.mjs";

/** The linear model over the Open Inference Protocol. */
export const oip = {
  name: "oip",
  what: "OIP's JSON against the typed route, linear model: server CPU per request",
  target: 1.4,
  async measure({ quick }) {
    const server = await startServer("predikt");
    const typed = json("/api/predict/linear", { x: 3 });
    const infer = json("/api/v2/models/linear/infer", { inputs: [{ name: "x", datatype: "FP32", shape: [1, 1], data: [3] }] });
    const result = await loadPairs(
      (options) => load(server, typed, options),
      (options) => load(server, infer, options),
      quick ? { rounds: 1, seconds: 1, figure: "cpuUs" } : { rounds: 9, seconds: 2, figure: "cpuUs" },
    );
    await server.stop();
    return { ratio: result.ratio, typedUs: result.theirs, oipUs: result.ours };
  },
};

/** Bytes behind a header as Triton's clients write it, not padded. */
export const oipBinary = {
  name: "oip-binary",
  what: "OIP with binary tensors against OIP's JSON, 32 × 784 floats in and one product: requests per second",
  target: 5,
  atLeast: true,
  async measure({ quick }) {
    const server = await startServer("scores");
    const floats = new Float32Array(32 * 784);
    for (const [i, image] of images(32).entries()) floats.set(image, 784 * i);
    const path = "/api/v2/models/scores/infer";
    const image = { name: "image", datatype: "FP32", shape: [32, 784] };
    const text = json(path, { inputs: [{ ...image, data: [...floats] }] });
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ ...image, parameters: { binary_data_size: floats.byteLength } }],
        parameters: { binary_data_output: true },
      }),
    );
    const binary = {
      path,
      headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(head.length) },
      body: Buffer.concat([head, Buffer.from(floats.buffer)]),
    };
    const result = await loadPairs(
      (options) => load(server, text, { ...options, connections: 4 }),
      (options) => load(server, binary, { ...options, connections: 4 }),
      quick ? { rounds: 1, seconds: 1, figure: "perSecond" } : { rounds: 7, seconds: 2, figure: "perSecond" },
    );
    await server.stop();
    return { ratio: result.ratio, jsonPerSecond: result.theirs, binaryPerSecond: result.ours };
  },
};
