import { InputError } from "../../errors/index.ts";

/** Deeper nesting than this is refused before anything walks the value. */
export const maxJsonDepth = 64;

/**
 * Parses JSON text from the network. A `__proto__` key is dropped, so that no later merge can reach a prototype.
 *
 * @param parse What parses the text once its depth is known. Default: `JSON.parse`.
 * @throws InputError BODY_INVALID for malformed text (never quoting it), INPUT_TOO_LARGE past {@link maxJsonDepth}.
 */
export function parseJson(body: string, parse: (text: string) => unknown = JSON.parse): unknown {
  const text = body.charCodeAt(0) === 0xfeff ? body.slice(1) : body;
  assertDepth(text);
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new InputError(
      "BODY_INVALID",
      text.trim() === "" ? "body: expected JSON, got nothing" : "body: expected JSON, got text that is cut off or malformed",
      {
        cause,
      },
    );
  }
  // Any letter of the key may be spelt as an escape, and each of them lies below U+0100.
  return text.includes("__proto__") || text.includes("\\u00") ? checkParsed(value) : value;
}

function assertDepth(text: string): void {
  if (text.length <= 2 * maxJsonDepth || openers(text) <= maxJsonDepth) return;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > maxJsonDepth) {
        throw tooDeep();
      }
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
}

/**
 * Holds a JSON value that another parser has made to the rules of {@link parseJson}: its depth is checked and `__proto__` keys are removed.
 *
 * @throws InputError INPUT_TOO_LARGE
 */
export function checkParsed(value: unknown, depth = 1): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxJsonDepth) throw tooDeep();
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (typeof value[i] === "object") checkParsed(value[i], depth + 1);
    return value;
  }
  if (Object.hasOwn(value, "__proto__")) Reflect.deleteProperty(value, "__proto__");
  for (const key in value) checkParsed((value as Record<string, unknown>)[key], depth + 1);
  return value;
}

function tooDeep(): InputError {
  const issue = { path: "body", expected: `at most ${maxJsonDepth} nested levels`, received: "deeper nesting" };
  return new InputError("INPUT_TOO_LARGE", `body: expected ${issue.expected}, got ${issue.received}`, {
    details: { limit: maxJsonDepth, issues: [issue] },
  });
}

/** Counts opening brackets, up to one past the limit: most bodies have few, and then no scan is needed. */
function openers(text: string): number {
  let count = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = text.indexOf(bracket); at >= 0 && count <= maxJsonDepth; at = text.indexOf(bracket, at + 1)) count++;
  }
  return count;
}

/** Where the string that starts at an index ends; past the text where it does not. */
export function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) return i;
  }
  return text.length;
}
