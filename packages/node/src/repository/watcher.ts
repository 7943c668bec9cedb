import { relative, sep } from "node:path";

/** Tells of changes in a folder: the model whose folder it was, or undefined for the root. Returns the function that stops it. */
export async function watchFolder(
  root: string,
  onChange: (model: string | undefined) => void,
  onError: (error: unknown) => void,
): Promise<() => Promise<void>> {
  const { watch } = await import("chokidar");
  // What links lead to is looked at, but not watched: it may lie anywhere.
  const watcher = watch(root, { ignoreInitial: true, followSymlinks: false, depth: 8, persistent: false });
  watcher.on("all", (_event, path) => {
    const [name] = relative(root, path).split(sep);
    // What is hidden may be what links lead to.
    onChange(name === undefined || name === "" || name.startsWith(".") ? undefined : name);
  });
  watcher.on("error", onError);
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return () => watcher.close();
}
