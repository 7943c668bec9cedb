import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ExternalTensor } from "@predikt/core/onnx";

/** A file beside a model in which tensors lie. */
export interface ExternalFile {
  /** Path relative to the model's folder. */
  readonly location: string;
  readonly tensors: number;
  /** Bytes that the model wants of it, up to the last tensor's end. */
  readonly needed: number;
  /** Bytes that it has; null where it is not there, or where nobody can look. */
  readonly found: number | null;
}

/** The files of a model's external data. @param path The model's own; undefined where there is no folder to look into. */
export async function externalFiles(tensors: readonly ExternalTensor[], path: string | undefined): Promise<ExternalFile[]> {
  const locations = [...new Set(tensors.map(({ location }) => location))];
  return Promise.all(
    locations.map(async (location) => {
      const own = tensors.filter((tensor) => tensor.location === location);
      const needed = Math.max(...own.map(({ offset, length, needed }) => offset + (length ?? needed ?? 0)));
      const found = path === undefined ? null : await sizeOf(join(dirname(path), location));
      return { location, tensors: own.length, needed, found };
    }),
  );
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}
