import { InputError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import type { NeutralRequest } from "./neutral.ts";
import type { ResolvedLimits } from "./options.ts";
import { binaryType, bodyTooLarge, checkParsed, decodeText, inflate, jsonType, parseJson } from "./wire/index.ts";

/** A request's body: a JSON value, or a raw tensor's bytes. */
export type Body = { readonly json: unknown; readonly bytes?: undefined } | { readonly bytes: Uint8Array; readonly json?: undefined };

/**
 * Reads a predict body by its content type and encoding.
 *
 * @throws InputError UNSUPPORTED_MEDIA_TYPE, INPUT_TOO_LARGE or BODY_INVALID.
 */
export async function readBody(request: NeutralRequest, limits: ResolvedLimits): Promise<Body> {
  const type = request.header("content-type");
  if (type !== jsonType && mediaType(type) === binaryType) return { bytes: await readBytes(request, limits.binaryBytes) };
  assertJson(type);
  return { json: await readJson(request, limits.jsonBytes) };
}

/**
 * Reads a body as JSON, whatever its content type.
 *
 * @param parse Makes a value of the text. Default: {@link parseJson}.
 * @throws InputError UNSUPPORTED_MEDIA_TYPE, INPUT_TOO_LARGE or BODY_INVALID.
 */
export async function readJson(request: NeutralRequest, limit: number, parse: (text: string) => unknown = parseJson): Promise<unknown> {
  const parsed = request.parsed();
  if (parsed !== undefined) return fromParsed(parsed, request, limit, parse);
  const encoding = encodingOf(request);
  if (encoding === undefined) return parse(await request.text(limit));
  return parse(decodeText(await inflate(await request.bytes(limit), encoding, limit)));
}

/** Reads a body as bytes, whatever its content type. @throws InputError as {@link readJson} does. */
export async function readBytes(request: NeutralRequest, limit: number): Promise<Uint8Array> {
  const parsed = parsedBytes(request, limit);
  if (parsed !== undefined) return parsed;
  const encoding = encodingOf(request);
  const bytes = await request.bytes(limit);
  return encoding === undefined ? bytes : inflate(bytes, encoding, limit);
}

/** Reads a body as the pieces in which it came, or in one. @throws InputError as {@link readJson} does. */
export async function readPieces(request: NeutralRequest, limit: number): Promise<readonly Uint8Array[]> {
  const whole = request.pieces === undefined || encodingOf(request) !== undefined || parsedBytes(request, limit) !== undefined;
  return whole ? [await readBytes(request, limit)] : (request.pieces as NonNullable<NeutralRequest["pieces"]>)(limit);
}

function parsedBytes(request: NeutralRequest, limit: number): Uint8Array | undefined {
  const parsed = request.parsed();
  if (parsed === undefined) return undefined;
  if (!(parsed instanceof Uint8Array))
    throw new InputError("BODY_INVALID", "body: expected bytes, got what another body parser made of them");
  if (parsed.byteLength > limit) throw bodyTooLarge(limit);
  return parsed;
}

/** A value says no more how long its text was, except by the length that the client declared. */
function fromParsed(parsed: unknown, request: NeutralRequest, limit: number, parse: (text: string) => unknown): unknown {
  const isBytes = parsed instanceof Uint8Array;
  const size = isBytes ? parsed.byteLength : typeof parsed === "string" ? parsed.length : Number(request.header("content-length") ?? 0);
  if (size > limit) throw bodyTooLarge(limit);
  if (isBytes) return parse(decodeText(parsed));
  return typeof parsed === "string" ? parse(parsed) : checkParsed(parsed);
}

function mediaType(type: string | undefined): string | undefined {
  return type?.split(";", 1)[0]?.trim().toLowerCase();
}

function assertJson(type: string | undefined): void {
  // curl and fetch always name a type; a client that names none is taken at its route's word.
  if (type === undefined || type === jsonType) return;
  const media = mediaType(type) as string;
  const charset = /;\s*charset="?([^";\s]+)/i.exec(type)?.[1]?.toLowerCase() ?? "utf-8";
  if (media !== jsonType && !/^application\/[\w.-]+\+json$/.test(media))
    throw unsupported("content-type", `${jsonType} or ${binaryType}`, "another one");
  if (charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii")
    throw unsupported("content-type", "charset utf-8", "another one");
}

function encodingOf(request: NeutralRequest): "gzip" | "deflate" | undefined {
  const encoding = request.header("content-encoding")?.trim().toLowerCase();
  if (encoding === undefined || encoding === "identity" || encoding === "") return undefined;
  if (encoding === "gzip" || encoding === "x-gzip") return "gzip";
  if (encoding === "deflate") return "deflate";
  throw unsupported("content-encoding", "gzip, deflate or identity", "another one");
}

/** An UNSUPPORTED_MEDIA_TYPE error that names the header. */
export function unsupported(header: string, expected: string, received: string): InputError {
  return mismatch("UNSUPPORTED_MEDIA_TYPE", header, expected, received, `header "${header}"`);
}
