import { checkName } from "../model/check-name.ts";
import { must, mustBeNumber, mustBeWhole, mustKnow } from "../tensor/index.ts";
import type { ModelConfig, Rollback, Shadow, Traffic, VersionPolicy, VersionSource } from "./types.ts";

/** What a config's names may mean. */
export interface KnownNames {
  readonly versions: ReadonlySet<string>;
  /** The labels that there are, where the config names none. */
  readonly labels: ReadonlySet<string>;
}

/** Checks what `setVersions` is given. @throws ConfigError CONFIG_INVALID */
export function checkSources(versions: readonly VersionSource[]): void {
  must(Array.isArray(versions), "versions", "a list of { version, open }", versions);
  const seen = new Set<string>();
  for (const [i, source] of versions.entries()) {
    const path = `versions[${i}]`;
    must(typeof source === "object" && source !== null, path, "an object: { version, open }", source);
    const { version, open, golden = [], revision = "" } = source;
    checkName(`${path}.version`, version);
    must(!seen.has(version), `${path}.version`, "each version once", version);
    must(typeof open === "function", `${path}.open`, "a function that gives a predictor", open);
    must(typeof revision === "string", `${path}.revision`, "a string", revision);
    must(Array.isArray(golden), `${path}.golden`, "a list of cases", golden);
    for (const [j, one] of golden.entries()) {
      must(typeof one === "object" && one !== null && "input" in one, `${path}.golden[${j}]`, "an object with an input", one);
      const { check = nothing, tolerance = 0 } = one;
      must(typeof check === "function", `${path}.golden[${j}].check`, "a function", check);
      mustBeNumber(`${path}.golden[${j}].tolerance`, tolerance, 0);
      must(one.output !== undefined || one.check !== undefined, `${path}.golden[${j}]`, "an output or a check", one);
    }
    seen.add(version);
  }
}

const nothing = (): void => {};

/** Checks a model's config, as far as it can be told before anything is open. @throws ConfigError CONFIG_INVALID */
export function checkConfig(config: ModelConfig, known: KnownNames): void {
  mustKnow(config, ["policy", "labels", "traffic", "shadow", "rollback"], "config");
  const { policy, labels, traffic, shadow, rollback } = config;
  if (policy !== undefined) checkPolicy(policy);
  if (labels !== undefined && labels !== null) checkLabels(labels, known.versions);
  const names = { versions: known.versions, labels: labels === undefined ? known.labels : new Set(Object.keys(labels ?? {})) };
  if (traffic !== undefined && traffic !== null) checkTraffic(traffic, names);
  if (shadow !== undefined && shadow !== null) checkShadow(shadow, names);
  if (rollback !== undefined && rollback !== null) checkRollback(rollback);
}

function checkPolicy(policy: VersionPolicy): void {
  if (policy === "all") return;
  const expected = '"all", latest(n) or specific([...])';
  must(typeof policy === "object" && policy !== null, "config.policy", expected, policy);
  if ("latest" in policy) mustBeWhole("config.policy.latest", policy.latest, 1);
  else must(Array.isArray(policy.specific), "config.policy", expected, policy);
}

function checkLabels(labels: Readonly<Record<string, string>>, versions: ReadonlySet<string>): void {
  must(typeof labels === "object" && !Array.isArray(labels), "config.labels", "an object: label → version", labels);
  for (const [label, version] of Object.entries(labels)) {
    checkName(`config.labels key "${label.slice(0, 100)}"`, label);
    must(versions.has(version), `config.labels.${label}`, "a version that there is", version);
  }
}

function checkTraffic(traffic: Traffic, known: KnownNames): void {
  mustKnow(traffic, ["split", "seed"], "config.traffic");
  const { split, seed = "" } = traffic;
  must(typeof seed === "string", "config.traffic.seed", "a string", seed);
  must(Array.isArray(split) && split.length > 0, "config.traffic.split", "a list of shares, at least one", split);
  for (const [i, share] of split.entries()) {
    const path = `config.traffic.split[${i}]`;
    mustKnow(share, ["label", "version", "weight"], path);
    checkTarget(share, path, known);
    mustBeNumber(`${path}.weight`, share.weight, 0);
  }
  const total = split.reduce((sum, { weight }) => sum + weight, 0);
  must(total > 0 && Number.isFinite(total), "config.traffic.split", "weights with a sum above 0", total);
}

function checkShadow(shadow: Shadow, known: KnownNames): void {
  mustKnow(shadow, ["label", "version", "sample", "queueLimit", "queueBytes", "maxInFlight", "tolerance", "agrees"], "config.shadow");
  const { sample = 1, queueLimit = 1, queueBytes = 1, maxInFlight = 0, tolerance = 0, agrees = nothing } = shadow;
  checkTarget(shadow, "config.shadow", known);
  mustBeNumber("config.shadow.sample", sample, 0, 1);
  mustBeWhole("config.shadow.queueLimit", queueLimit, 1);
  mustBeWhole("config.shadow.queueBytes", queueBytes, 1);
  must(typeof maxInFlight === "number" && maxInFlight >= 0, "config.shadow.maxInFlight", "a number ≥ 0", maxInFlight);
  mustBeNumber("config.shadow.tolerance", tolerance, 0);
  must(typeof agrees === "function", "config.shadow.agrees", "a function", agrees);
}

function checkTarget(
  { label, version }: { readonly label?: string | undefined; readonly version?: string | undefined },
  path: string,
  known: KnownNames,
): void {
  must((label === undefined) !== (version === undefined), path, "either a label or a version", label);
  if (version !== undefined) must(known.versions.has(version), `${path}.version`, "a version that there is", version);
  if (label !== undefined) must(known.labels.has(label), `${path}.label`, "a label that is set", label);
}

function checkRollback(rollback: Rollback): void {
  mustKnow(rollback, ["errorRate", "p95Ms", "windowMs", "minimumRequests"], "config.rollback");
  const { errorRate = 0, p95Ms = 0, windowMs = 1, minimumRequests = 1 } = rollback;
  const path = "config.rollback";
  must(rollback.errorRate !== undefined || rollback.p95Ms !== undefined, path, "errorRate, p95Ms, or both", undefined);
  mustBeNumber(`${path}.errorRate`, errorRate, 0, 1);
  mustBeNumber(`${path}.p95Ms`, p95Ms, 0);
  mustBeNumber(`${path}.windowMs`, windowMs, 1);
  mustBeWhole(`${path}.minimumRequests`, minimumRequests, 1, 4096);
}
