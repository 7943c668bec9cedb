import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { ModelError } from "@predikt/core";
import { assertDigest } from "@predikt/core/runtime";

/** Reads a model file. @throws ModelError MODEL_NOT_FOUND, MODEL_INVALID where it is a folder or past what memory holds */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new ModelError("MODEL_NOT_FOUND", `there is no model file at ${path}`, { cause, details: { path } });
    throw new ModelError("MODEL_INVALID", `the model file ${path} cannot be read: ${code ?? String(cause)}`, { cause, details: { path } });
  }
}

/** Hex SHA-256 of bytes. @throws ModelError MODEL_INTEGRITY where another one was asked for */
export function digestOf(bytes: Uint8Array, expected: string | undefined): string {
  const digest = createHash("sha256").update(bytes).digest("hex");
  assertDigest(digest, expected);
  return digest;
}

/**
 * Where a model's external data lies: what the caller maps, else, for a model given by path, a file of the model's own folder. Links may not lead
 * out of that folder. The location is one that `checkModel` let pass: relative, and without "..".
 *
 * @throws ModelError MODEL_REFUSED, MODEL_NOT_FOUND
 */
export async function findExternalData(
  location: string,
  modelPath: string | undefined,
  mapped: string | Uint8Array | undefined,
): Promise<string | Uint8Array> {
  if (mapped !== undefined) return mapped;
  const refuse = (reason: string): ModelError =>
    new ModelError("MODEL_REFUSED", `the model wants external data from ${JSON.stringify(location)}: ${reason}`, { details: { location } });
  if (modelPath === undefined) throw refuse("a model given by URL or as bytes may use only files that the option externalData maps");
  // Hidden files are no weights, but may well be secrets, which a model's output would give away.
  if (location.split("/").some((part) => part.startsWith(".")))
    throw refuse("it names a hidden file; map it with the option externalData where that is meant");
  const folder = await realpath(dirname(modelPath));
  let file: string;
  try {
    file = await realpath(join(folder, location));
  } catch (cause) {
    throw notFound(location, cause);
  }
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep))
    throw refuse("it links to a file outside the model's folder; map it with the option externalData where that is meant");
  if (!(await stat(file)).isFile()) throw refuse("it is not a regular file");
  return file;
}

/** The error for external data that is not there. */
export function notFound(location: string, cause: unknown): ModelError {
  const text = `the model wants external data from ${JSON.stringify(location)}, which is not there`;
  return new ModelError("MODEL_NOT_FOUND", text, { cause, details: { location } });
}
