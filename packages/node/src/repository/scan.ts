import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { insideOf, isAbsent } from "./inside.ts";
import { LeadsOut, type Stamp, stampOf } from "./stamp.ts";

/** A version's folder. */
export interface VersionFolder {
  /** Its real path. */
  readonly path: string;
  readonly stamp: Stamp;
}

/** Told of what is ignored: where, from the root, and why. */
export type Warn = (path: string, reason: string) => void;

/** The names of models' folders. Names that cannot stand in a URL are warned of; hidden ones are not models. */
export async function modelNames(root: string, warn: Warn): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith(".") || entry.isFile()) {
      if (name.endsWith(".onnx")) warn(name, "a model lies in <model>/<version>/model.onnx");
    } else if (!/^[\w.-]+$/.test(name)) warn(name, "ignored: a model's name has letters, digits, _ - . only");
    else if (await isModelFolder(root, name, warn)) names.push(name);
  }
  return names.sort();
}

/** Whether a name is that of a folder in the root. */
export async function isModelFolder(root: string, name: string, warn: Warn): Promise<boolean> {
  try {
    if ((await insideOf(root, join(root, name))) !== undefined) return true;
    warn(name, "refused: it links to a folder outside the repository");
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  return false;
}

/** The versions in a model's folder, with their stamps; none where the folder is not there. */
export async function versionFolders(root: string, model: string, warn: Warn): Promise<Map<string, VersionFolder>> {
  const found = new Map<string, VersionFolder>();
  const folder = join(root, model);
  for (const entry of await entriesOf(folder)) {
    const { name } = entry;
    const shown = `${model}/${name}`;
    if (entry.isFile()) {
      if (name.endsWith(".onnx")) warn(shown, "a model lies in <model>/<version>/model.onnx");
      continue;
    }
    if (name.startsWith(".")) continue;
    if (/^0/.test(name)) warn(shown, "ignored: a version's number does not begin with 0");
    else if (!/^\d+$/.test(name)) warn(shown, "ignored: a version is a number");
    else {
      const version = await versionFolder(root, join(folder, name), (reason) => warn(shown, reason));
      if (version !== undefined) found.set(name, version);
    }
  }
  return found;
}

async function versionFolder(root: string, path: string, warn: (reason: string) => void): Promise<VersionFolder | undefined> {
  try {
    const real = await insideOf(root, path);
    if (real !== undefined) return { path: real, stamp: await stampOf(real, root) };
    warn("refused: it links to a folder outside the repository");
  } catch (error) {
    if (error instanceof LeadsOut) warn(`refused: ${error.message}`);
    // What vanishes while it is looked at is not there.
    else if (!isAbsent(error)) throw error;
  }
  return undefined;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
