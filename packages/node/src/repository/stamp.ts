import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { insideOf, isAbsent } from "./inside.ts";

/** Files of a version that are looked at, and folders below its own. A version has a model and perhaps a few weights beside it. */
const maxFiles = 10_000;
const maxDepth = 8;

/** What can be told of a version's files without reading them. */
export interface Stamp {
  /** Names, sizes and times of the files: the same text, the same files. */
  readonly text: string;
  /** When one of them was last touched, by the system's clock: also where its own time was set to an earlier one. */
  readonly changedAt: number;
}

/** A link that leads out of the repository. */
export class LeadsOut extends Error {}

/** Looks at all files below a folder. @throws LeadsOut; or what the file system throws, where something vanishes meanwhile */
export async function stampOf(folder: string, root: string): Promise<Stamp> {
  const lines: string[] = [];
  // A folder's own time is that of the last file that came or went, be it under another name.
  let changedAt = (await look(folder)).ctimeMs;
  const visit = async (path: string, shown: string, depth: number): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const [file, name] = [join(path, entry.name), `${shown}${entry.name}`];
      if (entry.isSymbolicLink() && (await insideOf(root, file)) === undefined)
        throw new LeadsOut(`${name} links to a file outside the repository`);
      const { size, mtimeMs, ctimeMs, ino, isFolder } = await look(file);
      if (isFolder) {
        if (depth < maxDepth) await visit(file, `${name}/`, depth + 1);
        continue;
      }
      if (lines.length >= maxFiles) throw new LeadsOut(`more than ${maxFiles} files`);
      lines.push(`${name} ${size} ${mtimeMs} ${ino}`);
      changedAt = Math.max(changedAt, ctimeMs, mtimeMs);
    }
  };
  await visit(folder, "", 0);
  return { text: lines.sort().join("\n"), changedAt };
}

/** The stamp of one file, or of none. */
export async function fileStampOf(path: string): Promise<Stamp> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await look(path);
    return { text: `${size} ${mtimeMs} ${ino}`, changedAt: Math.max(ctimeMs, mtimeMs) };
  } catch (error) {
    if (isAbsent(error)) return { text: "", changedAt: 0 };
    throw error;
  }
}

async function look(path: string) {
  const found = await stat(path);
  const { size, mtimeMs, ctimeMs, ino } = found;
  return { size, mtimeMs, ctimeMs, ino, isFolder: found.isDirectory() };
}
