import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default {
  name: "size",
  what: "`@predikt/core` main entry in kB, minified and gzipped, zod and onnxruntime-common outside, as the gate's size-limit measures it",
  target: 12,
  unit: "kB",
  async measure() {
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    // It exits with 1 where a budget is missed, and tells the sizes all the same.
    const program = ["node_modules/size-limit/bin.js", "--json"];
    const text = run(() => execFileSync(process.execPath, program, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return { ratio: JSON.parse(text).find(({ name }) => name === "@predikt/core").size / 1000 };
  },
};

function run(command) {
  try {
    return command();
  } catch (error) {
    return error.stdout;
  }
}
