import { isPrediktError, LifecycleError, ModelError } from "@predikt/core";
import { type FolderHost, ModelFolder, reasonOf } from "./model-folder.ts";
import type { RepositoryMode, RepositoryModel, RepositoryWarning } from "./options.ts";
import { manifestName } from "./read-manifest.ts";
import { isModelFolder, modelNames } from "./scan.ts";
import { watchFolder } from "./watcher.ts";

/** How many times `settleMs` it waits for files that are being written, where somebody waits for them. */
const patience = 10;

/** What a keeper needs. */
export interface KeeperOptions extends Omit<FolderHost, "warn"> {
  readonly mode: RepositoryMode;
  readonly pollMs: number;
  onWarning(warning: RepositoryWarning): void;
}

/** A load that somebody waits for. */
interface Load {
  readonly name: string;
  readonly version: string | undefined;
  unloaded: boolean;
}

/** Keeps a registry as its folder is. */
export class Keeper {
  readonly root: string;
  readonly mode: RepositoryMode;
  readonly #options: KeeperOptions;
  readonly #folders = new Map<string, ModelFolder>();
  /** The models that are to be looked at again, and when. */
  readonly #due = new Map<string, NodeJS.Timeout>();
  readonly #warned = new Map<string, string>();
  readonly #loads = new Set<Load>();
  #poll: NodeJS.Timeout | undefined;
  #stopWatching: (() => Promise<void>) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.root = options.root;
    this.mode = options.mode;
  }

  async open(load: readonly string[]): Promise<void> {
    if (this.mode === "watch") {
      // Before the first look, so that nothing is missed between the two.
      this.#stopWatching = await watchFolder(
        this.root,
        (model) => (model === undefined ? this.#lookAround() : this.#soon(model)),
        (error) => this.#warn("", reasonOf(error)),
      );
    }
    const names = await modelNames(this.root, (path, reason) => this.#warn(path, reason));
    const folders = names.map((name) => this.#folder(name));
    await Promise.all(folders.map((folder) => this.#settle(folder).catch((error: unknown) => this.#report(folder, error))));
    // In their order, which is the registry's: the first one may be a mount's default.
    await Promise.all(folders.map((folder) => folder.tell().catch(() => {})));
    for (const name of load) await this.load(name);
    if (this.mode === "watch") this.#poll = setInterval(() => this.#lookAround(), this.#options.pollMs).unref();
  }

  models(): readonly RepositoryModel[] {
    const found = [...this.#folders.values()].filter(({ versions }) => versions.length > 0);
    return found.map(({ name, versions }) => ({ name, versions })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async load(name: string, version?: string): Promise<void> {
    const load = { name, version, unloaded: false };
    this.#loads.add(load);
    try {
      await this.#load(load);
    } finally {
      this.#loads.delete(load);
    }
  }

  /** As the registry's; loads that came before are given up, so that the last word holds. */
  async unload(name: string, version?: string): Promise<void> {
    for (const load of this.#loads) if (load.name === name && (version === undefined || load.version === version)) load.unloaded = true;
    const folder = this.#folders.get(name);
    if (folder !== undefined && version === undefined && this.mode === "explicit") folder.active = false;
    await this.#options.registry.unload(name, version);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#poll);
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
    await this.#stopWatching?.();
    await this.#options.registry.close();
  }

  #folder(name: string): ModelFolder {
    let folder = this.#folders.get(name);
    if (folder === undefined) {
      folder = new ModelFolder(name, this.mode !== "explicit", { ...this.#options, warn: (path, reason) => this.#warn(path, reason) });
      this.#folders.set(name, folder);
    }
    return folder;
  }

  /** Looks until everything has settled, or patience ends. */
  async #settle(folder: ModelFolder): Promise<boolean> {
    for (let looks = 0; looks < patience; looks++) {
      if (this.#closing !== undefined) throw closed();
      if (await folder.look()) return true;
      await new Promise((resolve) => setTimeout(resolve, this.#options.settleMs));
    }
    this.#warn(folder.name, "its files are still being written");
    return false;
  }

  async #load(load: Load): Promise<void> {
    const { name, version } = load;
    const { registry } = this.#options;
    if (this.#closing !== undefined) throw closed();
    const isThere = /^(?!\.)[\w.-]+$/.test(name) && (await isModelFolder(this.root, name, (path, reason) => this.#warn(path, reason)));
    if (!isThere && !this.#folders.has(name)) throw new ModelError("MODEL_NOT_FOUND", `there is no model "${name}" in the repository`);
    const folder = this.#folder(name);
    const settled = await this.#settle(folder);
    mustBeWanted(load);
    // Who asks for one version gets that one, and not the policy's as well.
    if (version === undefined) folder.active = true;
    const told = folder.tell();
    told.catch(() => {});
    folder.mustHave(version, settled);
    await told;
    mustBeWanted(load);
    // What was unloaded stays so until it is asked for, and what failed tells why when it is tried again.
    const served = registry.index().filter((one) => one.name === name && one.state === "READY" && one.reason === "");
    const wanted = folder.wanted(version);
    if (!wanted.every((one) => served.some((each) => each.version === one))) await registry.load(name, version);
  }

  /** Looks at a model a little later: changes come in swarms. */
  #soon(name: string): void {
    if (this.#closing !== undefined || this.#due.has(name)) return;
    const timer = setTimeout(() => {
      this.#due.delete(name);
      void this.#lookAt(name);
    }, this.#options.settleMs);
    this.#due.set(name, timer);
  }

  async #lookAt(name: string): Promise<void> {
    if (!this.#folders.has(name) && !(await this.#isModel(name))) return;
    const folder = this.#folder(name);
    try {
      const settled = await folder.look();
      // What goes wrong again is said again.
      this.#warned.delete(name);
      folder.tell().then(
        () => this.#warned.delete(`${name}/${manifestName}`),
        () => {},
      );
      if (!settled) this.#soon(name);
    } catch (error) {
      this.#report(folder, error);
    }
  }

  async #isModel(name: string): Promise<boolean> {
    try {
      return (await modelNames(this.root, (path, reason) => this.#warn(path, reason))).includes(name);
    } catch {
      return false;
    }
  }

  #lookAround(): void {
    modelNames(this.root, (path, reason) => this.#warn(path, reason)).then(
      (names) => {
        for (const name of new Set([...names, ...this.#folders.keys()])) this.#soon(name);
      },
      // A folder that is not there for a while takes nothing out of service.
      (error: unknown) => this.#warn("", reasonOf(error)),
    );
  }

  #report({ name }: ModelFolder, error: unknown): void {
    if (!isPrediktError(error, "CLOSED")) this.#warn(name, `left as it was: ${reasonOf(error)}`);
  }

  /** Once for each, until there is something else to say of the same path. */
  #warn(path: string, reason: string): void {
    if (this.#closing !== undefined || this.#warned.get(path) === reason) return;
    this.#warned.set(path, reason);
    this.#options.onWarning({ path, reason });
  }
}

/** @throws LifecycleError CLOSED */
function mustBeWanted({ name, unloaded }: Load): void {
  if (unloaded) throw new LifecycleError("CLOSED", `model "${name}": its load was given up, since it was unloaded meanwhile`);
}

function closed(): LifecycleError {
  return new LifecycleError("CLOSED", "the repository is closed");
}
