import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default {
  name: "memory",
  what: "growth in MB of resident memory over 200 × load, predict and close, after 20 to warm up; the larger of inline and worker",
  target: 15,
  unit: "MB",
  async measure({ quick }) {
    const growth = (execution) => {
      const program = fileURLToPath(new URL("../servers/load-and-close.mjs", import.meta.url));
      return Number(execFileSync(process.execPath, ["--expose-gc", program, execution, quick ? "5" : "200"], { encoding: "utf8" }));
    };
    const [inlineMb, workerMb] = [growth("inline"), growth("worker")];
    return { ratio: Math.max(inlineMb, workerMb), inlineMb, workerMb };
  },
};
