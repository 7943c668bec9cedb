// The digits over HTTP from as many processes as it is told, and where they run the model: prints its port, and answers each line on its input with the CPU
// time that all of them have used so far, in milliseconds. The model is given tensors, without batching: a request is one run.
import { createServer } from "node:http";
import { createPredictor } from "@predikt/node";
import { cluster } from "@predikt/node/cluster";
import { createRequestListener } from "@predikt/node/http";
import { digitsModel } from "../lib/models.mjs";

const [, , processes, execution] = process.argv;

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const running = await cluster({
  processes: Number(processes),
  async start() {
    const predictor = await createPredictor({ name: "digits", source: digitsModel, device: "cpu", execution, batching: false });
    const listener = createRequestListener({ models: [predictor] });
    const server = createServer(listener);
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      server,
      close: () => listener.close().then(() => predictor.close()),
      collect: () => ({ port: server.address().port, cpuMs: cpuMs() }),
    };
  },
});

if (running !== undefined) {
  const [{ port }] = await running.collect();
  console.log(port);
  process.stdin.on("data", async () => {
    const all = await running.collect();
    console.log(all.reduce((sum, child) => sum + child.cpuMs, cpuMs()));
  });
  process.stdin.on("end", () => running.close().then(() => process.exit()));
}
