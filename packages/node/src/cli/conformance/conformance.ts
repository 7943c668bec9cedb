import { headersOf } from "../lib/arguments.ts";
import { exit, UsageError } from "../lib/failure.ts";
import { createHttpClient } from "../lib/http-client.ts";
import { isHttpUrl } from "../lib/model-bytes.ts";
import { createProgress } from "../lib/progress.ts";
import { tableText } from "../lib/table.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { Check } from "./check.ts";
import type { ConformanceOptions } from "./command.ts";
import { openSubject } from "./open-subject.ts";
import { countsOf, reportText } from "./report-text.ts";
import { type CheckResult, runCheck, suite } from "./suite.ts";

/** Holds a server to the protocol and prints how it does. @throws UsageError, Failure */
export async function conformance(url: string | undefined, options: ConformanceOptions, terminal: Terminal): Promise<number> {
  const checks = chosen(options.only);
  const { json = false, strict = false } = options;
  if (options.list === true) {
    const rows = checks.map(({ id, level, title, rule }) => [id, level, title, terminal.colors.dim(rule)]);
    terminal.print(
      json
        ? JSON.stringify(
            checks.map(({ run: _, ...check }) => check),
            undefined,
            2,
          )
        : tableText({ head: ["check", "", "what", "rule"], rows }, terminal),
    );
    return exit.ok;
  }
  if (url === undefined || !isHttpUrl(url)) throw new UsageError("name a server: predikt conformance http://127.0.0.1:3000 --model digits");
  const client = createHttpClient(headersOf(options.header));
  const progress = terminal.isInteractive ? createProgress(terminal) : undefined;
  const results: CheckResult[] = [];
  try {
    const subject = await openSubject(url, options, client);
    for (const [i, check] of checks.entries()) {
      progress?.update(i / checks.length, check.id);
      results.push(await runCheck(check, subject, strict));
    }
    progress?.end();
    const { base, model } = subject;
    const report = { suite: "oip-v2-rest", url: base, model, counts: countsOf(results), checks: results };
    terminal.print(json ? JSON.stringify(report, undefined, 2) : reportText(report, terminal));
    return report.counts.failed > 0 ? exit.failed : exit.ok;
  } finally {
    progress?.end();
    client.close();
  }
}

/** The checks of groups and ids. @throws UsageError for one that there is not */
function chosen(only: readonly string[] | undefined): readonly Check[] {
  if (only === undefined) return suite;
  const fits = ({ id }: Check, wanted: string): boolean => id === wanted || id.startsWith(`${wanted}.`);
  const stranger = only.find((wanted) => !suite.some((check) => fits(check, wanted)));
  if (stranger !== undefined) throw new UsageError(`--only: there is no group or check "${stranger}"; --list shows them`);
  return suite.filter((check) => only.some((wanted) => fits(check, wanted)));
}
