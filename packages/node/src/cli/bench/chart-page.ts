import { msText, rateText } from "../lib/units.ts";
import { type Chart, chartSvg } from "./chart.ts";
import type { LevelResult, Results } from "./results.ts";

/** A page with charts and the table: one file, without scripts, light and dark. */
export function chartPage(results: Results): string {
  const { target, protocol, load, distribution, rowsPerRequest, cpuOf, machine, levels } = results;
  const x = load === "rate" ? "requests per second, due" : "callers";
  const line = (name: string, tone: number, of: (level: LevelResult) => number | undefined) => ({
    name,
    tone,
    points: levels.flatMap((level): [number, number][] => {
      const y = of(level);
      return y === undefined ? [] : [[level.load, y]];
    }),
  });
  const latency: Chart = {
    title: "Latency",
    x,
    y: "ms",
    lines: [
      line("p50", 1, ({ latencyMs }) => latencyMs?.p50),
      line("p90", 2, ({ latencyMs }) => latencyMs?.p90),
      line("p99", 3, ({ latencyMs }) => latencyMs?.p99),
    ],
  };
  const throughput: Chart = {
    title: "Throughput",
    x,
    y: "requests per second",
    lines: [line("answered", 1, ({ requestsPerSecond }) => requestsPerSecond)],
  };
  const how = load === "rate" ? `open loop, ${distribution} gaps` : "closed loop";
  const facts = `${protocol}; ${how}; rows a request: ${rowsPerRequest}; Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>predikt bench</title>
<style>
:root { color-scheme: light dark; --1: light-dark(#1261c4, #6cb0ff); --2: light-dark(#b45f06, #f0a35e); --3: light-dark(#b3261e, #ff8a80); --grid: light-dark(#ddd, #444); --soft: light-dark(#555, #aaa) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
p, figcaption, .axis { color: var(--soft) }
figure { margin: 2rem 0 } svg { width: 100%; height: auto; font: 12px system-ui, sans-serif }
text { fill: currentColor } .grid { stroke: var(--grid) } .line { fill: none; stroke-width: 2 }
${[1, 2, 3].map((tone) => `.t${tone} { stroke: var(--${tone}) } .f${tone} { fill: var(--${tone}) }`).join("\n")}
table { border-collapse: collapse; font-variant-numeric: tabular-nums } td, th { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid var(--grid) } td:last-child, th:last-child { text-align: left }
</style>
<h1>${escaped(target)}</h1>
<p>${escaped(facts)}</p>
${[latency, throughput].map((chart) => `<figure><figcaption>${chart.title}</figcaption>${chartSvg(chart)}</figure>`).join("\n")}
<table>
<tr>${[load === "rate" ? "rate/s" : "callers", "req/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "batch", `cpu, ${cpuOf}`, "errors"].map((name) => `<th>${escaped(name)}</th>`).join("")}</tr>
${levels.map(row).join("\n")}
</table>
</html>
`;
}

function row({ load, requestsPerSecond, latencyMs, batch, cpuCores, errors, stable }: LevelResult): string {
  const failed = Object.entries(errors).map(([name, count]) => `${count} × ${name}`);
  const cells = [
    String(load),
    rateText(requestsPerSecond),
    ...(["p50", "p90", "p99", "max"] as const).map((name) => msText(latencyMs?.[name] ?? Number.NaN)),
    batch === null ? "–" : batch.toFixed(1),
    cpuCores.toFixed(2),
    [...failed, ...(stable ? [] : ["unstable"])].join(", "),
  ];
  return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
