import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "../lib/pairs.mjs";

export default {
  name: "memory",
  what: "growth in MB of resident memory over 200 × load, predict and close, after 20 to warm up; the larger of inline and worker",
  target: 15,
  unit: "MB",
  async measure({ quick }) {
    const program = fileURLToPath(new URL("../servers/load-and-close.mjs", import.meta.url));
    // The allocator keeps more or less, as it happens: what counts is the middle one of three processes.
    const growth = (execution) =>
      median(
        Array.from({ length: quick ? 1 : 3 }, () =>
          Number(execFileSync(process.execPath, ["--expose-gc", program, execution, quick ? "5" : "200"], { encoding: "utf8" })),
        ),
      );
    const [inlineMb, workerMb] = [growth("inline"), growth("worker")];
    return { ratio: Math.max(inlineMb, workerMb), inlineMb, workerMb };
  },
};
