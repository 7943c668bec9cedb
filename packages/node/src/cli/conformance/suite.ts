import { binaryChecks } from "./binary-checks.ts";
import { type Check, Mismatch, Skip } from "./check.ts";
import { errorChecks } from "./error-checks.ts";
import { inferChecks } from "./infer-checks.ts";
import { metadataChecks } from "./metadata-checks.ts";
import type { Subject } from "./subject.ts";

/** Every check, in the order in which they run. */
export const suite: readonly Check[] = [...metadataChecks, ...inferChecks, ...binaryChecks, ...errorChecks];

/** How a check came out. A `should` that fails is a warning. */
export type Outcome = "passed" | "failed" | "warned" | "skipped";

/** A check and how it came out. */
export interface CheckResult extends Omit<Check, "run"> {
  readonly outcome: Outcome;
  readonly expected?: string;
  readonly got?: string;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** Runs one check. */
export async function runCheck({ run, ...check }: Check, subject: Subject, strict: boolean): Promise<CheckResult> {
  try {
    await run(subject);
    return { ...check, outcome: "passed" };
  } catch (error) {
    if (error instanceof Skip) return { ...check, outcome: "skipped", reason: error.message };
    const outcome = check.level === "must" || strict ? "failed" : "warned";
    if (error instanceof Mismatch) return { ...check, outcome, expected: error.expected, got: error.got };
    // A reply so odd that reading it failed.
    return { ...check, outcome, expected: "a reply that can be read", got: error instanceof Error ? error.message : String(error) };
  }
}
