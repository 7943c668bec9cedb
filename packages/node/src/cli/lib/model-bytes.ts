import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { download } from "../../backend/download.ts";
import { readModelFile } from "../../backend/model-file.ts";
import { createProgress, showLoad } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

/** A model's bytes, and where it lies on this machine. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  /** Undefined for a download. */
  readonly path: string | undefined;
}

/** Whether an argument is the URL of something on the network. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Reads a model by its path or URL. @throws ModelError MODEL_NOT_FOUND, MODEL_FETCH, MODEL_INVALID */
export async function readModelBytes(source: string, terminal: Terminal): Promise<ModelBytes> {
  if (!isHttpUrl(source)) {
    const path = source.startsWith("file:") ? fileURLToPath(source) : resolve(source);
    return { bytes: await readModelFile(path), path };
  }
  const progress = createProgress(terminal);
  try {
    return { bytes: await download(new URL(source), { source, onProgress: showLoad(progress, source) }), path: undefined };
  } finally {
    progress.end();
  }
}
