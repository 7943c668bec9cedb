import { json, load, loadPairs, startServer } from "../lib/http.mjs";
import { images } from "../lib/models.mjs";

const tensor = (name, shape, data) => ({ name, shape, datatype: "FP32", data });

export const oip = {
  name: "oip",
  what: "Open Inference Protocol with JSON against our typed route, linear model, the same server: server CPU per request",
  target: 1.4,
  async measure({ quick }) {
    const server = await startServer("predikt");
    const typed = json("/api/predict/linear", { x: 3 });
    const infer = json("/api/v2/models/linear/infer", { inputs: [tensor("x", [1, 1], [3])] });
    const result = await loadPairs(
      (options) => load(server, typed, options),
      (options) => load(server, infer, options),
      quick ? { rounds: 1, seconds: 1, figure: "cpuUs" } : { rounds: 9, seconds: 2, figure: "cpuUs" },
    );
    await server.stop();
    return { ratio: result.ratio, typedUs: result.theirs, oipUs: result.ours };
  },
};

export const oipBinary = {
  name: "oip-binary",
  what: "Open Inference Protocol, its binary extension against its JSON, 32 × 784 floats: requests per second",
  target: 5,
  atLeast: true,
  async measure({ quick }) {
    const server = await startServer("digits");
    const floats = new Float32Array(32 * 784);
    for (const [index, image] of images(32).entries()) floats.set(image, 784 * index);
    const shape = [32, 1, 28, 28];
    const path = "/api/v2/models/digits/infer";
    const jsonRequest = json(path, { inputs: [tensor("image", shape, [...floats])] });
    const result = await loadPairs(
      (options) => load(server, jsonRequest, { ...options, connections: 4 }),
      (options) => load(server, binary(path, shape, floats), { ...options, connections: 4 }),
      quick ? { rounds: 1, seconds: 1, figure: "perSecond" } : { rounds: 7, seconds: 2, figure: "perSecond" },
    );
    await server.stop();
    return { ratio: result.ratio, jsonPerSecond: result.theirs, binaryPerSecond: result.ours };
  },
};

/** One tensor as the binary extension carries it, and its answer. */
function binary(path, shape, floats) {
  const text = JSON.stringify({
    inputs: [{ name: "image", shape, datatype: "FP32", parameters: { binary_data_size: floats.byteLength } }],
    parameters: { binary_data_output: true },
  });
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  return {
    path,
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(header.length) },
    body: Buffer.concat([header, Buffer.from(floats.buffer)]),
  };
}
