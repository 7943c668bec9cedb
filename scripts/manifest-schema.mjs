import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";
import { root } from "./lib/run.mjs";

// Writes the JSON Schema of predikt.json, which editors read, from the zod schema that checks it.

const target = "packages/node/predikt.schema.json";
const { z } = createRequire(`${root}packages/node/package.json`)("zod");
const source = readFileSync(`${root}packages/node/src/repository/manifest-schema.ts`, "utf8");
const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
const { manifestSchemas } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);

writeFileSync(root + target, `${JSON.stringify(z.toJSONSchema(manifestSchemas(z).manifest, { io: "input" }), null, 2)}\n`);
console.log(`wrote ${target}`);
