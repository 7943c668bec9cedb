import type { ModelResolver } from "@predikt/core/serving";
import type { Instruments } from "./instruments.ts";

/** Why a registry closes what was open: no failure, though the version is unavailable then. */
const onPurpose = new Set(["unloaded", "closed", "no longer there", "left out by the version policy"]);

/** Writes down what resolvers say now: labels, states, and how requests are divided. */
export function showResolver(to: Instruments, resolvers: Iterable<ModelResolver>): void {
  const { modelLabel, modelState, loadFailed, trafficWeight, shadowCompared, shadowDropped, shadowAgreement } = to;
  for (const gauge of [modelLabel, modelState, loadFailed, trafficWeight, shadowCompared, shadowDropped, shadowAgreement]) gauge.reset();
  for (const resolver of resolvers) {
    const served = resolver.list();
    for (const { name, version, labels, predictor } of served) {
      for (const label of labels) modelLabel.set({ model: name, version, label }, 1);
      modelState.set({ model: name, version, state: predictor.info.state }, 1);
    }
    const index = resolver.index?.() ?? [];
    for (const { name, version, state, reason } of index) {
      const failed = state === "UNAVAILABLE" ? reason !== "" && !onPurpose.has(reason) : reason.startsWith("a load failed");
      if (failed) loadFailed.set({ model: name, version }, 1);
      if (!served.some((model) => model.name === name && model.version === version))
        modelState.set({ model: name, version, state: state.toLowerCase() }, 1);
    }
    for (const model of new Set(served.map(({ name }) => name))) {
      const report = resolver.traffic?.(model);
      for (const { version, weight } of report?.versions ?? []) trafficWeight.set({ model, version }, weight);
      const { version, compared = 0, dropped = 0, agreement } = report?.shadow ?? {};
      if (version === undefined) continue;
      shadowCompared.set({ model, version }, compared);
      shadowDropped.set({ model, version }, dropped);
      if (agreement !== undefined) shadowAgreement.set({ model, version }, agreement);
    }
  }
}
