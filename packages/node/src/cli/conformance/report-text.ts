import type { Terminal } from "../lib/terminal.ts";
import type { CheckResult, Outcome } from "./suite.ts";

/** How many checks came out how. */
export type Counts = Readonly<Record<Outcome, number>>;

/** What `predikt conformance --json` prints. */
export interface Report {
  readonly suite: string;
  readonly url: string;
  readonly model: string;
  readonly counts: Counts;
  readonly checks: readonly CheckResult[];
}

/** Counts outcomes. */
export function countsOf(results: readonly CheckResult[]): Counts {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length;
  return { passed: count("passed"), failed: count("failed"), warned: count("warned"), skipped: count("skipped") };
}

/** A report for people. */
export function reportText({ url, model, counts, checks }: Report, { colors }: Pick<Terminal, "colors">): string {
  const { bold, dim, green, red, yellow } = colors;
  const marks: Record<Outcome, string> = { passed: green("✓"), failed: red("✗"), warned: yellow("!"), skipped: dim("–") };
  const width = Math.max(...checks.map(({ id }) => id.length));
  const lines = checks.flatMap(({ id, title, outcome, rule, expected, got, reason }) => {
    const indent = " ".repeat(width + 4);
    const line = `${marks[outcome]} ${id.padEnd(width)}  ${outcome === "skipped" ? dim(`${title}: ${reason}`) : title}`;
    return expected === undefined ? [line] : [line, `${indent}expected ${expected}`, `${indent}got      ${got}`, dim(`${indent}${rule}`)];
  });
  const { passed, failed, warned, skipped } = counts;
  const parts = [`${passed} passed`, failed > 0 ? red(`${failed} failed`) : "0 failed", `${warned} warned`, `${skipped} skipped`];
  return [bold(`${url}, model ${model}`), ...lines, "", parts.join(", ")].join("\n");
}
