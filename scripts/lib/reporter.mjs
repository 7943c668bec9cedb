import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { root } from "./run.mjs";

/** Where the totals of the last run lie. */
export const resultsFile = `${root}.cache/test-results.json`;

/**
 * A vitest reporter that writes the true totals to {@link resultsFile}: files that could not be loaded and errors outside of tests count as
 * failures, and each skipped test comes with its reason (the note of `context.skip(note)`, else `needs …` in a title).
 */
export default class TotalsReporter {
  onTestRunEnd(modules, unhandled) {
    const totals = { passed: 0, failed: 0, skipped: [] };
    for (const module of modules) {
      totals.failed += module.errors().length;
      for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") totals.passed++;
        else if (result.state === "skipped")
          totals.skipped.push({ file: relative(root, module.moduleId), name: test.fullName, reason: reasonOf(test, result) });
        else totals.failed++;
      }
    }
    totals.failed += unhandled.length;
    mkdirSync(dirname(resultsFile), { recursive: true });
    writeFileSync(resultsFile, `${JSON.stringify(totals, null, 2)}\n`);
  }
}

function reasonOf(test, result) {
  return result.note ?? /\((needs .+?)\)(?= > |$)/u.exec(test.fullName)?.[1];
}
