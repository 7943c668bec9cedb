// Loads every entry point in both ways and prints what each exports, for the test to compare.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
for (const specifier of process.argv.slice(2)) {
  const [name, ...flags] = specifier.split("!");
  const esm = Object.keys(await import(name)).sort();
  const cjs = flags.includes("esm") ? esm : Object.keys(require(name)).sort();
  console.log(JSON.stringify({ name, esm, cjs }));
}
