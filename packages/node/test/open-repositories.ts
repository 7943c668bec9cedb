import type { Tensors } from "@predikt/core";
import { afterEach } from "vitest";
import { openRepository } from "../src/repository/open-repository.ts";
import type { Repository, RepositoryOptions, RepositoryWarning } from "../src/repository/options.ts";
import { Folder } from "./repository.ts";

const folders: Folder[] = [];
const opened: Repository[] = [];

/** What the repositories of the test under way have warned of. */
export const warnings: RepositoryWarning[] = [];

/** To be called once in a test file: closes what a test has opened. */
export function closeAfterEach(): void {
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((repository) => repository.close()));
    for (const folder of folders.splice(0)) folder.remove();
    warnings.length = 0;
  });
}

/** A new folder, which goes with the test. */
export function folder(): Folder {
  const made = new Folder();
  folders.push(made);
  return made;
}

/** Opens a folder, with runs inline and files that settle soon. */
export async function open({ root }: Folder, options: RepositoryOptions = {}): Promise<Repository> {
  const onWarning = (warning: RepositoryWarning): void => void warnings.push(warning);
  const repository = await openRepository(root, { device: "cpu", execution: "inline", settleMs: 50, onWarning, ...options });
  opened.push(repository);
  return repository;
}

/** What a model makes of 1: its factor. */
export async function factor(repository: Repository, name: string, selector: object = {}): Promise<number> {
  const { y } = await repository.predictor<unknown, Tensors<"y">>(name, selector).predict({ x: [[1]] });
  return Number(y.data[0]);
}

/** `name version STATE`, as the index has them. */
export function states(repository: Repository): string[] {
  return repository.index().map(({ name, version, state }) => `${name} ${version} ${state}`);
}
