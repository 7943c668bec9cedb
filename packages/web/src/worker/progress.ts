import type { FileProgress, LoadProgress } from "@predikt/core";

/** All files of one load, as one progress that never falls. */
export class Progress {
  readonly #files = new Map<string, FileProgress>();
  readonly #fetched = new Set<string>();
  readonly #tell: (progress: LoadProgress) => void;
  #shown = 0;

  constructor(tell: (progress: LoadProgress) => void) {
    this.#tell = tell;
  }

  report(file: FileProgress, fromCache: boolean): void {
    this.#files.set(file.name, file);
    if (!fromCache) this.#fetched.add(file.name);
    const files = [...this.#files.values()];
    const loaded = sum(files.map((each) => each.loaded));
    const totals = files.map((each) => each.total);
    const total = totals.includes(undefined) ? undefined : sum(totals as number[]);
    if (total !== undefined && total > 0) this.#shown = Math.max(this.#shown, Math.min(1, loaded / total));
    const ratio = total === undefined ? undefined : this.#shown;
    this.#tell({ phase: "download", loaded, total, ratio, fromCache: this.#fetched.size === 0, files });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
