import { exit } from "../lib/failure.ts";
import { readModelBytes } from "../lib/model-bytes.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { InspectOptions } from "./command.ts";
import { createReport } from "./report.ts";
import { reportText } from "./report-text.ts";

/** Prints what a model file says of itself. @throws ModelError where it cannot be read */
export async function inspect(source: string, { json = false }: InspectOptions, terminal: Terminal): Promise<number> {
  const { bytes, path } = await readModelBytes(source, terminal);
  const report = await createReport(bytes, path ?? source, path);
  terminal.print(json ? JSON.stringify(report, undefined, 2) : reportText(report, terminal));
  return report.findings.some(({ level }) => level === "error") ? exit.failed : exit.ok;
}
