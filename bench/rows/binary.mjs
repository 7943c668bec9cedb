import { json, load, loadPairs, startServer } from "../lib/http.mjs";
import { images } from "../lib/models.mjs";

export default {
  name: "binary",
  what: "a binary body against JSON for 32 × 784 floats: requests per second",
  target: 5,
  atLeast: true,
  async measure({ quick }) {
    const server = await startServer("digits");
    const all = images(32);
    const floats = new Float32Array(32 * 784);
    for (const [i, image] of all.entries()) floats.set(image, 784 * i);
    const binary = {
      path: "/api/predict/digits",
      headers: { "content-type": "application/octet-stream", accept: "application/octet-stream", "x-predikt-shape": "32,1,28,28" },
      body: Buffer.from(floats.buffer),
    };
    const batch = json(
      "/api/predict/digits/batch",
      all.map((pixels) => ({ pixels: [...pixels] })),
    );
    const result = await loadPairs(
      (options) => load(server, batch, { ...options, connections: 4 }),
      (options) => load(server, binary, { ...options, connections: 4 }),
      quick ? { rounds: 1, seconds: 1, figure: "perSecond" } : { rounds: 7, seconds: 2, figure: "perSecond" },
    );
    await server.stop();
    return { ratio: result.ratio, jsonPerSecond: result.theirs, binaryPerSecond: result.ours };
  },
};
