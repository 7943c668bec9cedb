import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { systemClock } from "@predikt/core";
import { exit, Failure, UsageError } from "../lib/failure.ts";
import { createProgress } from "../lib/progress.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { BenchOptions } from "./command.ts";
import { type Level, measure } from "./measure.ts";
import { type Results, resultOf } from "./results.ts";
import { resultsText } from "./results-text.ts";
import { openSubject } from "./subject.ts";

/** Measures a target under each load and prints the numbers. @throws UsageError, Failure; PrediktError */
export async function bench(target: string, options: BenchOptions, terminal: Terminal): Promise<number> {
  const levels = levelsOf(options);
  // Told before minutes of measuring, not after.
  if (options.html !== undefined) await write(options.html, "", "a");
  const subject = await openSubject(target, options, terminal);
  const progress = createProgress(terminal);
  const results: Results = {
    target: subject.what,
    protocol: subject.protocol,
    load: options.rate === undefined ? "concurrency" : "rate",
    distribution: options.rate === undefined ? null : options.distribution,
    rowsPerRequest: options.rows,
    cpuOf: subject.cpuOf,
    machine: { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model ?? "unknown" },
    levels: [],
  };
  try {
    for (const [index, level] of levels.entries()) {
      const name = level.kind === "rate" ? `rate ${level.perSecond}/s` : `concurrency ${level.callers}`;
      const show = (count: number): void =>
        progress.update((index + count / options.maxWindows) / levels.length, `${name} window ${count}`);
      terminal.isInteractive ? show(0) : terminal.say(name);
      results.levels.push(
        resultOf(level, await measure(subject, level, options, systemClock, terminal.isInteractive ? show : undefined), options.rows),
      );
    }
  } finally {
    progress.end();
    await subject.close();
  }
  if (options.html !== undefined) {
    const { chartPage } = await import("./chart-page.ts");
    await write(options.html, chartPage(results));
    terminal.say(`charts: ${options.html}`);
  }
  terminal.print(options.json === true ? JSON.stringify(results, undefined, 2) : resultsText(results, terminal));
  return results.levels.some(({ succeeded }) => succeeded === 0) ? exit.failed : exit.ok;
}

function levelsOf({ concurrency = [1], rate, distribution }: BenchOptions): Level[] {
  if (rate !== undefined) return rate.map((perSecond) => ({ kind: "rate", perSecond, distribution }));
  const part = concurrency.find((callers) => !Number.isInteger(callers));
  if (part !== undefined) throw new UsageError(`--concurrency: expected whole numbers of callers, got ${part}`);
  return concurrency.map((callers) => ({ kind: "concurrency", callers }));
}

async function write(path: string, text: string, flag: "w" | "a" = "w"): Promise<void> {
  try {
    await writeFile(path, text, { flag });
  } catch (cause) {
    throw new Failure(`--html: ${path} cannot be written: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
