import { mkdirSync, rmSync } from "node:fs";
import { buildIfChanged } from "./lib/fresh-build.mjs";
import { root, run } from "./lib/run.mjs";
import { pnpm } from "./lib/setup.mjs";

// What `npm install` would get from the registry, as files: packages are not published yet.
const names = ["core", "node", "web", "react"];
const folder = `${root}.cache/packs`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

let code = await buildIfChanged();
for (const name of code === 0 ? names : []) {
  const packed = await run(pnpm("pack", "--out", `${folder}/${name}.tgz`), { cwd: `${root}packages/${name}` });
  if (packed.code !== 0) console.error(packed.output);
  code ||= packed.code;
}
if (code === 0) {
  console.log(`✓ Packed into ${folder}. In the folder of your application:\n`);
  console.log(`npm install ${["core", "node"].map((name) => `"${folder}/${name}.tgz"`).join(" ")} onnxruntime-node zod`);
}
process.exitCode = code;
