import { parse } from "lossless-json";
import { isPrediktError } from "../../errors/index.ts";
import { endOfString, parseJson } from "./parse-json.ts";

/**
 * Parses JSON as servers of tensors write it. The bare words NaN, Infinity and -Infinity, which Triton and TensorFlow Serving send and take, become
 * strings.
 *
 * @param lossless Whether integers of 64 bits beyond ±2⁵³ become bigints instead of the nearest number. It costs nothing where the text has none.
 * @throws InputError as {@link parseJson} does.
 */
export function parseTolerantJson(text: string, lossless: boolean): unknown {
  // 2⁵³ has 16 digits. A fraction or an exponent is no integer's literal: such a one that is not safe is refused where it is used.
  const parser = lossless && /\d{16}/.test(text) ? parseLossless : JSON.parse;
  try {
    return parseJson(text, parser);
  } catch (error) {
    if (!isPrediktError(error, "BODY_INVALID") || !/NaN|Infinity/.test(text)) throw error;
    return parseJson(quoteWords(text), parser);
  }
}

function parseLossless(text: string): unknown {
  return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
}

/** No integer of 64 bits has more characters. A bigint of millions of digits would take a second. */
const longestInteger = 20;

function parseNumber(literal: string): number | bigint {
  const value = Number(literal);
  return !Number.isSafeInteger(value) && literal.length <= longestInteger && /^-?\d+$/.test(literal) ? BigInt(literal) : value;
}

/** Puts the bare words into quotes. One pass, whatever the text. */
function quoteWords(text: string): string {
  let quoted = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) === 0x22) i = endOfString(text, i);
    const word = text.startsWith("NaN", i) ? "NaN" : text.startsWith("Infinity", i) ? "Infinity" : undefined;
    if (word === undefined) continue;
    const start = word === "Infinity" && text[i - 1] === "-" ? i - 1 : i;
    const end = i + word.length;
    quoted += `${text.slice(from, start)}"${text.slice(start, end)}"`;
    from = end;
    i = end - 1;
  }
  return quoted + text.slice(from);
}
