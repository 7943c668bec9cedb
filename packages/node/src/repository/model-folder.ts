import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { type Definition, isPrediktError, LifecycleError, ModelError } from "@predikt/core";
import type { GoldenCase, ModelConfig, Registry, VersionSource } from "@predikt/core/registry";
import type { NodePredictorOptions } from "../backend/create-predictor.ts";
import { configOf, type ModelManifest, predictorOptionsOf } from "./manifest.ts";
import { openVersionFiles } from "./open-version.ts";
import { goldenCases, goldenFile, manifestName, readManifest } from "./read-manifest.ts";
import { type VersionFolder, versionFolders, type Warn } from "./scan.ts";
import { Settling } from "./settling.ts";
import { fileStampOf } from "./stamp.ts";

/** What a model's folder needs of its repository. */
export interface FolderHost {
  readonly root: string;
  readonly registry: Registry;
  readonly settleMs: number;
  readonly options: Omit<NodePredictorOptions, "source">;
  readonly warn: Warn;
  definition(name: string): Definition<unknown, unknown> | undefined;
}

/** A version that was found. */
interface Found {
  /** What stands for all that was read. */
  readonly key: string;
  readonly source: VersionSource;
}

/** One model's folder, and what the registry was told of it. */
export class ModelFolder {
  readonly name: string;
  /** Whether it is to be served; one that is not is listed. */
  active: boolean;
  readonly #host: FolderHost;
  readonly #settling: Settling;
  #found = new Map<string, Found>();
  #manifest: { readonly stamp: string; readonly content: ModelManifest } = { stamp: "", content: {} };
  #config: ModelConfig = configOf({});
  #told = "";
  #telling: Promise<void> = Promise.resolve();
  #looking: Promise<unknown> = Promise.resolve();

  constructor(name: string, active: boolean, host: FolderHost) {
    this.name = name;
    this.active = active;
    this.#host = host;
    this.#settling = new Settling(host.settleMs);
  }

  /** The versions that can be loaded, the latest first. */
  get versions(): string[] {
    return [...this.#found.keys()].sort((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1));
  }

  /**
   * Looks at the files, one look at a time. Resolves to whether everything has settled: what has not is left as it was.
   *
   * @throws ConfigError CONFIG_INVALID, BackendError BACKEND_MISSING; what the file system throws. What serves is left as it was
   */
  look(): Promise<boolean> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => {});
    return look;
  }

  /** The versions that its predikt.json asks for; with `version`, that one. */
  wanted(version: string | undefined): readonly string[] {
    if (version !== undefined) return [version];
    const { policy = { latest: 1 }, labels, traffic, shadow } = this.#manifest.content;
    const { versions } = this;
    const chosen = policy === "all" ? versions : "latest" in policy ? versions.slice(0, policy.latest) : policy.specific;
    const named = [...Object.values(labels ?? {}), ...(traffic?.split ?? []).map((share) => share.version), shadow?.version];
    return versions.filter((one) => chosen.includes(one) || named.includes(one));
  }

  /** @throws ModelError MODEL_NOT_FOUND where nothing of that name is there; LifecycleError NOT_READY where it is still being written */
  mustHave(version: string | undefined, settled: boolean): void {
    const shown = version === undefined ? `model "${this.name}"` : `version "${version}" of model "${this.name}"`;
    if (version === undefined ? this.#found.size > 0 : this.#found.has(version)) return;
    if (!settled) throw new LifecycleError("NOT_READY", `${shown} is still being written`);
    throw new ModelError("MODEL_NOT_FOUND", `there is no ${shown} in the repository`);
  }

  /**
   * Tells the registry what there is, where that is something else than before. Resolves when what it was told last is READY or UNAVAILABLE.
   *
   * @throws ConfigError CONFIG_INVALID where a label or a share has no version; LifecycleError CLOSED
   */
  tell(): Promise<void> {
    const { registry, warn } = this.#host;
    const sources = [...this.#found.values()].map(({ source }) => source);
    const config = this.active ? this.#config : { policy: { specific: [] } };
    const told = JSON.stringify([config, sources.map(({ version, revision }) => [version, revision])]);
    if (told !== this.#told && (sources.length > 0 || this.#told !== "")) {
      this.#told = told;
      this.#telling = registry.setVersions(this.name, sources, config);
      this.#telling.catch((error: unknown) => {
        if (!isPrediktError(error, "CLOSED")) warn(`${this.name}/${manifestName}`, reasonOf(error));
      });
    }
    return this.#telling;
  }

  async #look(): Promise<boolean> {
    const { root } = this.#host;
    const now = Date.now();
    const own = await fileStampOf(join(root, this.name, manifestName));
    if (!this.#settling.has(manifestName, own, now) && (own.text !== "" || this.#manifest.stamp !== "")) return false;
    if (own.text !== this.#manifest.stamp) this.#manifest = { stamp: own.text, content: await readManifest(root, this.name) };
    const { content } = this.#manifest;
    const folders = await this.#foldersWith(content.file ?? "model.onnx");
    let settled = true;
    const next = new Map<string, Found>();
    for (const version of new Set([...folders.keys(), ...this.#found.keys()])) {
      const folder = folders.get(version);
      const found = this.#found.get(version);
      if (this.#settling.has(version, folder?.stamp ?? { text: "", changedAt: 0 }, now)) {
        if (folder === undefined) this.#settling.forget(version);
        else next.set(version, await this.#read(version, folder, found));
      } else {
        settled = false;
        if (found !== undefined) next.set(version, found);
      }
    }
    this.#found = next;
    this.#config = configOf(content);
    return settled;
  }

  /** The versions that have their model's file. */
  async #foldersWith(file: string): Promise<Map<string, VersionFolder>> {
    const { root, warn } = this.#host;
    const folders = await versionFolders(root, this.name, warn);
    for (const [version, { stamp }] of folders) {
      if (stamp.text.split("\n").some((line) => line.startsWith(`${file} `))) continue;
      folders.delete(version);
      if (Date.now() - stamp.changedAt >= this.#host.settleMs) warn(`${this.name}/${version}`, `ignored: there is no ${file} in it`);
    }
    // A disk that is not there for a while takes nothing out of service.
    if (folders.size === 0) await realpath(root);
    return folders;
  }

  /** What is known of a version, read again only where something has changed. Golden cases that cannot be read are that version's failure. */
  async #read(version: string, folder: VersionFolder, before: Found | undefined): Promise<Found> {
    const { root } = this.#host;
    const { stamp, content } = this.#manifest;
    try {
      const golden = await goldenFile(root, this.name, version, content);
      const key = JSON.stringify([folder.path, folder.stamp.text, stamp, golden, golden && (await fileStampOf(golden)).text]);
      if (before?.key === key) return before;
      return { key, source: this.#source(version, folder, await goldenCases(this.name, content, golden)) };
    } catch (error) {
      const revision = `${folder.stamp.text} ${stamp} ${reasonOf(error)}`;
      return { key: "", source: { version, revision, open: () => Promise.reject(error) } };
    }
  }

  #source(version: string, folder: VersionFolder, golden: readonly GoldenCase[]): VersionSource {
    const { root, options, definition } = this.#host;
    const { name } = this;
    const { content } = this.#manifest;
    const { file = "model.onnx", sha256 } = content;
    const own = predictorOptionsOf(content);
    const digest = sha256?.[version];
    const text = JSON.stringify([folder.path, folder.stamp.text, own, file, digest, golden]);
    const all = { ...options, ...own, ...(digest === undefined ? {} : { sha256: digest }) };
    return {
      version,
      revision: createHash("sha256").update(text).digest("hex"),
      golden,
      open: (signal) => openVersionFiles({ root, name, version, folder, file, definition: definition(name), options: all }, signal),
    };
  }
}

/** What went wrong, for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
