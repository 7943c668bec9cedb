import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fleet } from "./fleet.ts";

const folder = mkdtempSync(join(tmpdir(), "predikt-nginx-"));
const fleet = await Fleet.start([3001, 3002], fileURLToPath(new URL("../nginx.conf", import.meta.url)), folder);
console.log(
  `http://127.0.0.1:8080/api/docs, processes ${fleet.pids.join(" and ")}. kill -HUP ${process.pid} restarts them one after the other.`,
);

let work: Promise<void> = Promise.resolve();
process.on("SIGHUP", () => {
  work = work.then(() => fleet.restart()).then(() => console.log(`processes ${fleet.pids.join(" and ")}`));
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await work;
    await fleet.close();
    rmSync(folder, { recursive: true });
  });
}
