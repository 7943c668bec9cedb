// Runs ONNX's own operator tests (onnx/onnx, backend/test/data) through createPredictor in every execution.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { isPrediktError } from "@predikt/core";
import { createPredictor } from "@predikt/node";
import { compareTensors, readTensorFile } from "./tensor-file.mjs";

const help = `Usage: npm run test:operators -- <folder or .tar.xz> [options]

Each folder with a model.onnx is a case: its test_data_set_*/input_*.pb are run and compared with output_*.pb.

  --list <file>        fail unless every case named in this file passes (default: report only)
  --execution <list>   inline, worker, process (default: all three, comma-separated)
  --device <name>      cpu, wasm, cuda … (default: cpu)
  --only <text>        cases whose path contains this
  --verbose            name each case that does not pass
  --help`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "string" },
    execution: { type: "string", default: "inline,worker,process" },
    device: { type: "string", default: "cpu" },
    only: { type: "string", default: "" },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [source] = positionals;
if (options.help || source === undefined) {
  console.log(help);
  process.exit(options.help ? 0 : 1);
}
if (!existsSync(source)) {
  console.error(`there is nothing at ${source}`);
  process.exit(1);
}

const root = statSync(source).isDirectory() ? source : unpack(source);
const wanted = options.list === undefined ? undefined : new Set(readFileSync(options.list, "utf8").split("\n").filter(Boolean));
const cases = findCases(root).filter((name) => name.includes(options.only) && (wanted === undefined || wanted.has(name)));
let failed = 0;
for (const execution of options.execution.split(",")) failed += await runAll(execution);
if (root !== source) rmSync(root, { recursive: true });
process.exitCode = failed === 0 || wanted === undefined ? 0 : 1;

async function runAll(execution) {
  const started = performance.now();
  const outcomes = {};
  const bad = [];
  for (const [index, name] of cases.entries()) {
    const { outcome, reason } = await runCase(join(root, name), execution);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (outcome !== "passed") bad.push(`  ${name}: ${outcome}: ${reason.slice(0, 200)}`);
    if (process.stderr.isTTY) process.stderr.write(`\r${execution}: ${index + 1} of ${cases.length}`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${execution} on ${options.device}, ${cases.length} cases in ${seconds} s:`, outcomes);
  if (options.verbose || (wanted !== undefined && bad.length > 0)) console.log(bad.join("\n"));
  return bad.length;
}

async function runCase(folder, execution) {
  let predictor;
  try {
    predictor = await createPredictor({ source: join(folder, "model.onnx"), execution, device: options.device, warmup: false });
    const { inputs, outputs } = predictor.info.signature;
    const sets = readdirSync(folder).filter((name) => name.startsWith("test_data_set_"));
    for (const set of sets) {
      const files = readdirSync(join(folder, set));
      const feeds = {};
      for (const [index, spec] of inputs.entries()) {
        if (files.includes(`input_${index}.pb`)) feeds[spec.name] = readTensorFile(join(folder, set, `input_${index}.pb`));
      }
      const results = await predictor.run(feeds);
      for (const [index, spec] of outputs.entries()) {
        if (!files.includes(`output_${index}.pb`)) continue;
        const problem = compareTensors(results[spec.name], readTensorFile(join(folder, set, `output_${index}.pb`)));
        if (problem !== undefined) return { outcome: "mismatch", reason: `${spec.name}: ${problem}` };
      }
    }
    return { outcome: "passed", reason: "" };
  } catch (error) {
    return {
      outcome: isPrediktError(error) ? error.code : "untyped error",
      reason: error instanceof Error ? error.message : String(error),
    };
  } finally {
    await predictor?.close();
  }
}

function findCases(folder) {
  const found = [];
  const visit = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.isDirectory()) visit(join(at, entry.name));
      else if (entry.name === "model.onnx") found.push(relative(folder, at));
    }
  };
  visit(folder);
  return found.sort();
}

function unpack(archive) {
  const folder = mkdtempSync(join(tmpdir(), "onnx-operators-"));
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  return folder;
}
