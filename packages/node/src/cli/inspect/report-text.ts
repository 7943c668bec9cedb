import type { TensorSpec } from "@predikt/core";
import { type Cell, factsText, tableText } from "../lib/table.ts";
import type { Terminal } from "../lib/terminal.ts";
import { bytesText, countText } from "../lib/units.ts";
import type { Finding } from "./findings.ts";
import type { Report } from "./report.ts";

/** Operators that a person is shown; `--json` has all. */
const shownOperators = 15;

/** A report for people. */
export function reportText(report: Report, terminal: Pick<Terminal, "colors">): string {
  const { colors } = terminal;
  const { signature, operators, metadata, externalData, findings } = report;
  const title = (text: string): string => `\n${colors.bold(text)}\n`;
  const parts = [colors.bold(report.model), factsText(factsOf(report), terminal)];
  const specs = (kind: string, list: readonly TensorSpec[]): Cell[][] => list.map((spec) => [kind, spec.name, spec.dtype, shapeText(spec)]);
  const rows = [...specs("input", signature.inputs), ...specs("output", signature.outputs)];
  parts.push(title("Signature") + tableText({ head: ["", "name", "dtype", "shape"], rows }, terminal));
  const first = operators.slice(0, shownOperators);
  const rest = operators.slice(shownOperators).reduce((sum, { count }) => sum + count, 0);
  const counted = first.map(({ domain, opType, count }): Cell[] => [domain === "" ? opType : `${domain}.${opType}`, countText(count)]);
  if (rest > 0) counted.push([colors.dim(`${operators.length - shownOperators} others`), countText(rest)]);
  if (counted.length > 0) parts.push(title("Operators") + tableText({ head: ["operator", "count"], rows: counted, right: [1] }, terminal));
  const entries = Object.entries(metadata).map(([key, value]): [string, string] => [key, oneLine(value)]);
  if (entries.length > 0) parts.push(title("Metadata") + factsText(entries, terminal));
  if (externalData.length > 0) {
    const files = externalData.map(({ location, tensors, needed, found }): Cell[] => [
      location,
      countText(tensors),
      bytesText(needed),
      found === null ? colors.red("missing") : bytesText(found),
    ]);
    parts.push(
      title("External data") + tableText({ head: ["file", "tensors", "needed", "found"], rows: files, right: [1, 2, 3] }, terminal),
    );
  }
  const marks: Record<Finding["level"], string> = { error: colors.red("✗"), warning: colors.yellow("!"), note: colors.dim("·") };
  if (findings.length > 0)
    parts.push(title("Worth knowing") + findings.map(({ level, message }) => `${marks[level]} ${message}`).join("\n"));
  return parts.join("\n");
}

function factsOf({ bytes, sha256, irVersion, producer, opsets, parameters, nodes }: Report): [string, string][] {
  const made = `${producer.name} ${producer.version}`.trim();
  const versions = Object.entries(opsets).map(([domain, version]) => `${domain === "" ? "ai.onnx" : domain} ${version}`);
  return [
    ["size", `${bytesText(bytes)} (${countText(bytes)} bytes)`],
    ["sha256", sha256],
    ["format", `IR ${irVersion}, opset ${versions.join(", ")}`],
    ...(made === "" ? [] : [["producer", made] as [string, string]]),
    ["parameters", countText(parameters)],
    ["nodes", countText(nodes)],
  ];
}

function shapeText({ shape, unranked }: TensorSpec): string {
  if (unranked) return "[…]";
  return `[${shape.map((dim) => (dim === "" ? "?" : String(dim))).join(", ")}]`;
}

/** Metadata can be whole documents. */
function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > 100 ? `${flat.slice(0, 99)}…` : flat;
}
