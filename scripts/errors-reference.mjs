import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { root } from "./lib/run.mjs";

const target = "docs/reference/errors.md";
const { errorTable } = await load("table.ts");
const { errorMeanings } = await load("meanings.ts");
const text = render();

if (process.argv.includes("--check")) {
  if (readOr("") === text) process.exit(0);
  console.error(`${target} is not what the error table says: run npm run docs:errors`);
  process.exit(1);
}
writeFileSync(root + target, text);
console.log(`wrote ${target}: ${Object.keys(errorTable).length} codes`);

/** A module of core's errors, which import nothing but types. */
async function load(file) {
  const source = readFileSync(`${root}packages/core/src/errors/${file}`, "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

function render() {
  const kinds = [...new Set(Object.values(errorTable).map((row) => row.kind))];
  return `<!-- Generated from packages/core/src/errors by npm run docs:errors. Do not edit. -->

# Errors

Every error that Predikt raises is a \`PrediktError\`: it has a \`code\`, a \`message\`, \`retryable\`, \`details\` (plain JSON) and, where there is one, a
\`cause\`. Recognise one with \`isPrediktError(error, code?)\`, which also works when two copies of the package are loaded; \`instanceof\` does not.
One thing is passed on as it came: the \`reason\` of the caller's own \`signal\`.

Over HTTP the reply has the status of this table and the body \`{ "error": message, "code": CODE, "issues"?: [{ path, expected, received }] }\`.
At most 100 issues are listed; where there are more, \`details.issueCount\` says how many.
*Try again* says whether the same call can succeed later (\`error.retryable\`).

${kinds.map(section).join("\n\n")}
`;
}

function section(kind) {
  const rows = Object.entries(errorTable).filter(([, row]) => row.kind === kind);
  return `## ${kind}

| code | HTTP status | try again | meaning |
|---|---|---|---|
${rows.map(([code, { status, retryable }]) => `| \`${code}\` | ${status} | ${retryable ? "yes" : "no"} | ${errorMeanings[code]} |`).join("\n")}`;
}

function readOr(fallback) {
  try {
    return readFileSync(root + target, "utf8");
  } catch {
    return fallback;
  }
}
