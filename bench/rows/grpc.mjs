import { createPredictor } from "@predikt/core";
import { remote } from "@predikt/core/remote";
import { remote as grpcRemote } from "@predikt/node/grpc";
import { loadPairs, startServer } from "../lib/http.mjs";
import { images } from "../lib/models.mjs";
import { median } from "../lib/pairs.mjs";

/**
 * The same tensors from the same process, by our own two clients: its CPU counts, as both are Node. A closed loop of four callers, since what is compared
 * is what a call costs on both sides and not how a queue grows.
 */
export default {
  name: "grpc",
  what: "gRPC's raw tensors against OIP's binary tensors over HTTP, 32 × 784 floats in and one product, our clients in Node: requests per second",
  async measure({ quick }) {
    const server = await startServer("grpc");
    const { port } = await (await fetch(`${server.url}/grpc`)).json();
    const overHttp = await createPredictor({ name: "scores", backend: remote(`${server.url}/api`, { protocol: "oip" }) });
    const overGrpc = await createPredictor({ name: "scores", backend: grpcRemote(`grpc://127.0.0.1:${port}`) });
    const floats = new Float32Array(32 * 784);
    for (const [i, image] of images(32).entries()) floats.set(image, 784 * i);
    const feeds = { image: { type: "float32", data: floats, dims: [32, 784] } };
    const seen = { http: [], grpc: [] };
    const drive = (who, predictor) => async (options) => {
      const figures = await load(server, () => predictor.run(feeds), options);
      seen[who].push(figures);
      return figures;
    };
    const result = await loadPairs(
      drive("http", overHttp),
      drive("grpc", overGrpc),
      quick ? { rounds: 1, seconds: 1, figure: "perSecond" } : { rounds: 7, seconds: 2, figure: "perSecond" },
    );
    await Promise.all([overHttp.close(), overGrpc.close()]);
    await server.stop();
    const of = (who, figure) => median(seen[who].map((each) => each[figure]));
    return {
      ratio: result.ratio,
      httpPerSecond: result.theirs,
      grpcPerSecond: result.ours,
      httpServerUs: of("http", "serverUs"),
      grpcServerUs: of("grpc", "serverUs"),
      httpClientUs: of("http", "clientUs"),
      grpcClientUs: of("grpc", "clientUs"),
    };
  },
};

/** Calls in four loops for some seconds: calls per second, and what one costs either process in microseconds of CPU. */
async function load(server, call, { seconds }) {
  const [before, client, started] = [await server.cpuMs(), process.cpuUsage(), performance.now()];
  let calls = 0;
  const loop = async () => {
    for (; performance.now() - started < 1000 * seconds; calls++) await call();
  };
  await Promise.all(Array.from({ length: 4 }, loop));
  const elapsedMs = performance.now() - started;
  const { user, system } = process.cpuUsage(client);
  const serverMs = (await server.cpuMs()) - before;
  return { perSecond: (1000 * calls) / elapsedMs, serverUs: (1000 * serverMs) / calls, clientUs: (user + system) / calls };
}
