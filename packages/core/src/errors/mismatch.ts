import { type ErrorInit, InputError, type Issue } from "./errors.ts";
import type { CodeOf } from "./table.ts";

/** An issue and its code. */
export interface Problem {
  readonly code: CodeOf<"InputError">;
  readonly issue: Issue;
}

/** Issues that an error lists. What is beyond is only counted, in `details.issueCount`, so that no input makes an error larger than itself. */
export const mostIssues = 100;

/**
 * The error for one thing that is not as expected, which is its only issue: `where: expected …, got …`.
 *
 * @param where How the message names the place. Default: the path.
 */
export function mismatch(code: CodeOf<"InputError">, path: string, expected: string, received: string, where: string = path): InputError {
  return new InputError(code, `${where}: expected ${expected}, got ${received}`, { details: { issues: [{ path, expected, received }] } });
}

/**
 * Message and details of an error for several problems of an input, or of what `what` names. The message tells the first ten.
 *
 * @param count How many there are, where `problems` holds the first ones only.
 */
export function summary(what: string, problems: readonly Problem[], count: number): [message: string, init: ErrorInit] {
  const issues = problems.slice(0, mostIssues).map(({ issue }) => ({ ...issue, path: cut(issue.path), message: cut(issue.message) }));
  const texts = issues
    .slice(0, 10)
    .map(
      ({ path, message, expected, received }) => `${what}${path && ` "${path}"`}: ${message ?? `expected ${expected}, got ${received}`}`,
    );
  if (count > 10) texts.push(`… and ${count - 10} more`);
  return [texts.join("; "), { details: count > issues.length ? { issues, issueCount: count } : { issues } }];
}

/** The error for several problems of an input, at least one; its code is the first one's. */
export function inputError(problems: readonly Problem[], count: number): InputError {
  return new InputError((problems[0] as Problem).code, ...summary("input", problems, count));
}

/** Names and messages that others have given may be of any length. */
function cut<T extends string | undefined>(text: T): T {
  return text && text.length > 200 ? (`${text.slice(0, 200)}…` as T) : text;
}
