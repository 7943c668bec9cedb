import { InputError, type Issue } from "./errors.ts";
import type { CodeOf } from "./table.ts";

/** An issue and its code. */
export interface Problem {
  readonly code: CodeOf<"InputError">;
  readonly issue: Issue;
}

/**
 * The error for one thing that is not as expected, which is its only issue: `where: expected …, got …`.
 *
 * @param where How the message names the place. Default: the path.
 */
export function mismatch(code: CodeOf<"InputError">, path: string, expected: string, received: string, where: string = path): InputError {
  return new InputError(code, `${where}: expected ${expected}, got ${received}`, { details: { issues: [{ path, expected, received }] } });
}

/** All problems of an input, or of what `what` names, in one line. */
export function problemText(problems: readonly Problem[], what: string): string {
  return problems
    .map(
      ({ issue: { path, message, expected, received } }) =>
        `${what}${path && ` "${path}"`}: ${message ?? `expected ${expected}, got ${received}`}`,
    )
    .join("; ");
}

/** The error for several problems of an input, at least one; its code is the first one's. */
export function inputError(problems: readonly Problem[]): InputError {
  return new InputError((problems[0] as Problem).code, problemText(problems, "input"), {
    details: { issues: problems.map((p) => p.issue) },
  });
}
