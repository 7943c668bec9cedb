import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Size of a package's entry in kB, as the gate's size-limit measures it. */
export function sizeKb(entry) {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  // It exits with 1 where a budget is missed, and tells the sizes all the same.
  const program = ["node_modules/size-limit/bin.js", "--json"];
  const text = run(() => execFileSync(process.execPath, program, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  return JSON.parse(text).find(({ name }) => name === entry).size / 1000;
}

function run(command) {
  try {
    return command();
  } catch (error) {
    return error.stdout;
  }
}
