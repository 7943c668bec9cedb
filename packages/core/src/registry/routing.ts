import { LifecycleError, ModelError } from "../errors/index.ts";
import type { ModelSelector, ServedModel } from "../types/index.ts";
import type { Instance } from "./instance.ts";
import { inOrder } from "./policy.ts";
import type { Version } from "./version.ts";
import type { Target } from "./watch.ts";

/** Which version of a model answers what: made anew whenever a version opens or goes. */
export class Routing {
  /** What answers a request that asks for nothing. */
  fallback: Version | undefined;
  /** READY versions, the one that answers by default first, then from the latest on. */
  served: readonly ServedModel[] = [];
  /** The same as versions. */
  ready: readonly Version[] = [];
  readonly #name: string;
  readonly #versions: ReadonlyMap<string, Version>;
  /** Label → version as it shall be. */
  wanted: ReadonlyMap<string, string> = new Map();
  /** Label → version as it is: a label moves when its version is READY, and stays where it was until then. */
  #labels: ReadonlyMap<string, Version> = new Map();

  constructor(name: string, versions: ReadonlyMap<string, Version>) {
    this.#name = name;
    this.#versions = versions;
  }

  /** Versions from the oldest to the latest, without those that are gone. */
  get ordered(): string[] {
    const present = [...this.#versions.values()].filter((version) => !version.gone);
    return inOrder(present.map(({ version }) => version));
  }

  /** Looks at the versions again. Tells whether `served` has changed. */
  update(): boolean {
    const labels = new Map<string, Version>();
    for (const [label, wanted] of this.wanted) {
      const target = [this.#versions.get(wanted), this.#labels.get(label)].find((version) => version?.current !== undefined);
      if (target !== undefined) labels.set(label, target);
    }
    this.#labels = labels;
    const ready = inOrder([...this.#versions.keys()])
      .reverse()
      .map((key) => this.#versions.get(key) as Version)
      .filter(({ current }) => current !== undefined);
    this.fallback = labels.get("stable") ?? ready[0];
    this.ready = [...ready].sort((a, b) => Number(b === this.fallback) - Number(a === this.fallback));
    const served = this.ready.map((version): ServedModel => {
      const { predictor } = version.current as Instance;
      return { name: this.#name, version: version.version, labels: this.labelsOf(version), predictor };
    });
    const changed = !areSame(this.served, served);
    if (changed) this.served = served;
    return changed;
  }

  /** The labels that point at a version; what answers by default is `stable`. */
  labelsOf(version: Version): string[] {
    const labels = [...this.#labels].filter(([, target]) => target === version).map(([label]) => label);
    return version === this.fallback && !labels.includes("stable") ? ["stable", ...labels] : labels;
  }

  /** What a label or a version means now, where it is READY. */
  find({ label, version }: Target): Version | undefined {
    if (label !== undefined) return this.#labels.get(label) ?? (label === "stable" ? this.fallback : undefined);
    const found = this.#versions.get(version as string);
    return found?.current === undefined ? undefined : found;
  }

  /** The version that a request asks for. @throws ModelError MODEL_NOT_FOUND; LifecycleError NOT_READY */
  resolve({ version, label }: ModelSelector): Version {
    if (version === undefined && label === undefined) {
      if (this.fallback === undefined) throw this.#nobody();
      return this.fallback;
    }
    const found = this.find(version === undefined ? { label } : { version });
    if (found === undefined) throw version === undefined ? this.#noLabel(label as string) : this.#noVersion(version);
    if (version !== undefined && label !== undefined && this.find({ label }) !== found) throw this.#noLabel(label);
    return found;
  }

  #nobody(): LifecycleError | ModelError {
    const present = [...this.#versions.values()].filter(({ gone }) => !gone);
    if (present.length === 0) return notFound(`model "${this.#name}"`, []);
    return this.#notReady("", present.map(({ version, state }) => `version "${version}" is ${state}`).join(", "));
  }

  #noVersion(version: string): LifecycleError | ModelError {
    const known = this.#versions.get(version);
    if (known !== undefined && !known.gone) return this.#notReady(` version "${version}"`, `it is ${known.state}`);
    return notFound(`version "${version}" of model "${this.#name}"`, this.ordered);
  }

  #noLabel(label: string): LifecycleError | ModelError {
    const version = this.wanted.get(label);
    if (version !== undefined && this.find({ label }) === undefined)
      return this.#notReady(` label "${label}"`, `its version "${version}" is not READY`);
    const labels = this.served.flatMap((model) => model.labels);
    return notFound(`label "${label}" of model "${this.#name}"`, labels);
  }

  #notReady(what: string, why: string): LifecycleError {
    return new LifecycleError("NOT_READY", `model "${this.#name}"${what}: not ready; ${why}`);
  }
}

/** The error for what nobody has. */
export function notFound(what: string, known: readonly string[]): ModelError {
  return new ModelError("MODEL_NOT_FOUND", `${what}: not served here; there is ${known.map((name) => `"${name}"`).join(", ") || "none"}`);
}

function areSame(a: readonly ServedModel[], b: readonly ServedModel[]): boolean {
  return a.length === b.length && a.every((model, i) => isSame(model, b[i] as ServedModel));
}

function isSame(a: ServedModel, b: ServedModel): boolean {
  return a.predictor === b.predictor && a.version === b.version && a.labels.join() === b.labels.join();
}
