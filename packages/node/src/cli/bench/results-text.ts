import { type Cell, tableText } from "../lib/table.ts";
import type { Terminal } from "../lib/terminal.ts";
import { countText, msText, rateText } from "../lib/units.ts";
import type { LevelResult, Results } from "./results.ts";

/** Numbers for people. */
export function resultsText(results: Results, terminal: Pick<Terminal, "colors">): string {
  const { target, protocol, load, distribution, rowsPerRequest, cpuOf, machine, levels } = results;
  const { colors } = terminal;
  const rows = levels.map((level): Cell[] => [
    rateText(level.load).replace(/\.0+$/, ""),
    rateText(level.requestsPerSecond),
    ...(rowsPerRequest > 1 ? [rateText(level.rowsPerSecond)] : []),
    ...(["p50", "p90", "p99", "max"] as const).map((name) => msText(level.latencyMs?.[name] ?? Number.NaN)),
    level.batch === null ? "–" : level.batch.toFixed(1),
    level.cpuCores.toFixed(2),
    errorsText(level, colors),
  ]);
  const head = [
    load === "rate" ? "rate/s" : "callers",
    "req/s",
    ...(rowsPerRequest > 1 ? ["rows/s"] : []),
    ...["p50 ms", "p90 ms", "p99 ms", "max ms", "batch", "cpu", ""],
  ];
  const how = load === "rate" ? `open loop, ${distribution} gaps` : "closed loop";
  const parts = [
    colors.bold(target),
    colors.dim(`${protocol}; ${how}; ${rowsPerRequest} row${rowsPerRequest === 1 ? "" : "s"} a request; cpu: cores, ${cpuOf}`),
    colors.dim(`Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}`),
    "",
    tableText({ head, rows, right: head.map((_, i) => i).slice(0, -1) }, terminal),
  ];
  if (cpuOf === "client" && levels.some(({ cpuCores }) => cpuCores > 0.9))
    parts.push("", colors.yellow("! the client was busy itself: what was measured may be its own limit"));
  return parts.join("\n");
}

function errorsText({ errors, stable }: LevelResult, { red, yellow }: Terminal["colors"]): string {
  const failed = Object.entries(errors).map(([name, count]) => `${countText(count)} × ${name}`);
  return [...(failed.length > 0 ? [red(failed.join(", "))] : []), ...(stable ? [] : [yellow("unstable")])].join("  ");
}
