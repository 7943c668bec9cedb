import { json, load, loadPairs, startServer } from "../lib/http.mjs";

const row = (name, kind, how, target) => ({
  name,
  what: `Fastify adapter with the linear model, ${how}, against a hand-written Fastify route that calls raw onnxruntime: server CPU per request`,
  target,
  async measure({ quick }) {
    const [raw, ours] = await Promise.all([startServer("raw"), startServer(kind)]);
    const request = json("/api/predict/linear", { x: 3 });
    const result = await loadPairs(
      (options) => load(raw, request, options),
      (options) => load(ours, request, options),
      quick ? { rounds: 1, seconds: 1, figure: "cpuUs" } : { rounds: 9, seconds: 2, figure: "cpuUs" },
    );
    await Promise.all([raw.stop(), ours.stop()]);
    return { ratio: result.ratio, rawUs: result.theirs, oursUs: result.ours };
  },
});

export const unbatched = row("http", "predikt", "unbatched", 1.18);
export const batched = row("http-batched", "batched", "batched", 0.87);
