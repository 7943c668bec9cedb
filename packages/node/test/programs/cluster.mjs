// A cluster of two servers on one port. The parent prints each event as a line of JSON; argv: options as JSON, a file that makes a start fail while it is there.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { cluster } from "@predikt/node/cluster";

const [options, fault] = process.argv.slice(2);

async function start({ index, count, threads, collectAll }) {
  if (existsSync(fault)) throw new Error("there is a fault");
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests++;
    request.resume();
    const [, path, ms = "2"] = request.url.split("/");
    if (path === "block") for (;;);
    if (path === "all") response.end(JSON.stringify(await collectAll()));
    else if (path === "child") response.end(JSON.stringify({ index, count, threads, own: process.env.OWN }));
    else setTimeout(() => response.end(String(process.pid)), Number(ms));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  if (index === 0) console.log(`port ${server.address().port}`);
  return { server, collect: () => ({ index, requests: BigInt(requests).toString(), bytes: new Uint8Array([index]).byteLength }) };
}

const running = await cluster({
  processes: 2,
  handleSignals: true,
  start,
  env: (index) => ({ OWN: `own ${index}` }),
  onEvent: (event) => console.log(JSON.stringify(event)),
  ...JSON.parse(options),
});
if (running) {
  console.log(
    "all ready",
    running
      .processes()
      .map(({ state }) => state)
      .join(),
  );
}
