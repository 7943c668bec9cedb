import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { minutes, root, run } from "./lib/run.mjs";

const compiler = [process.execPath, `${root}node_modules/typescript/bin/tsc`];
const started = Date.now();

// Each by its own tsconfig.json: core must not see Node's types, nor Node's code the browser's mistakes.
const inside = (folder) => (existsSync(root + folder) ? readdirSync(root + folder).map((name) => `${folder}/${name}`) : []);
const workspaces = [...inside("packages"), ...inside("examples"), "tests", "bench"].filter((path) =>
  existsSync(`${root}${path}/package.json`),
);
const projects = [...workspaces, "tsconfig.tools.json", "tsconfig.types.json"];

let checked = 0;
let failed = 0;
const queue = [...projects];
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
console.log(`types: ${checked - failed} of ${checked} projects are right (${minutes(Date.now() - started)})`);
process.exit(failed === 0 ? 0 : 1);

async function work() {
  for (let project = queue.shift(); project !== undefined; project = queue.shift()) {
    const missing = !project.endsWith(".json") && !existsSync(`${root}${project}/tsconfig.json`);
    if (missing && !hasTypeScript(project)) continue;
    const { code, output } = missing ? { code: 1, output: `${project} has no tsconfig.json\n` } : await run([...compiler, "-p", project]);
    checked++;
    console.log(`${code === 0 ? "✓" : "✗"} ${project}`);
    process.stdout.write(output);
    if (code !== 0) failed++;
  }
}

function hasTypeScript(project) {
  const files = readdirSync(root + project, { recursive: true, encoding: "utf8" });
  return files.some((file) => /\.tsx?$/.test(file) && !file.includes("node_modules"));
}
