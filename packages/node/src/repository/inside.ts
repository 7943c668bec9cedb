import { realpath } from "node:fs/promises";
import { sep } from "node:path";

/** The real path of a file or folder, where it lies in `root`, which is a real path itself; undefined where links lead out of it. Rejects where it is not there. */
export async function insideOf(root: string, path: string): Promise<string | undefined> {
  const real = await realpath(path);
  return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep) ? real : undefined;
}

/** Whether an error says that there is no such file. */
export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
