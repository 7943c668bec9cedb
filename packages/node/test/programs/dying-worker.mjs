// A worker's entry that obeys its input: for 666 it throws, for 667 it exits by itself; anything else it leaves to the real one.
import { parentPort } from "node:worker_threads";

await import("../../dist/worker.js");
parentPort.on("message", ({ type, feeds }) => {
  if (type !== "run") return;
  const [first] = feeds.x.data;
  if (first === 666) throw new Error("thrown on purpose");
  if (first === 667) process.exit(3);
});
