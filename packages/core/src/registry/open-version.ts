import { ConfigError, DefinitionError, LifecycleError } from "../errors/index.ts";
import { reasonOf } from "../errors/reason.ts";
import { untilAborted } from "../runtime/until-aborted.ts";
import type { AbortLike, AnyPredictor } from "../types/index.ts";
import { deviation } from "./compare.ts";
import { named } from "./renamed.ts";
import type { GoldenCase, VersionSource } from "./types.ts";

/**
 * Opens a version and checks its golden cases. What comes after the signal has aborted is closed.
 *
 * @throws What `open` throws; DefinitionError OUTPUT_INVALID where a golden case fails; `signal.reason`
 */
export async function openVersion(name: string, { version, open, golden = [] }: VersionSource, signal: AbortLike): Promise<AnyPredictor> {
  const opened = await untilAborted(
    Promise.resolve().then(() => open(signal)),
    signal,
    discard,
  );
  try {
    if (typeof opened?.info?.name !== "string") throw new ConfigError("open", "a predictor", typeof opened);
    if (opened.info.state !== "ready") throw new LifecycleError("CLOSED", `open gave a predictor that is ${opened.info.state}`);
    const predictor = named(opened, name, version);
    const checks = (async () => {
      for (const [i, one] of golden.entries()) await checkCase(predictor, one, i, signal);
    })();
    await untilAborted(checks, signal);
    return predictor;
  } catch (error) {
    discard(opened);
    throw error;
  }
}

async function checkCase(predictor: AnyPredictor, one: GoldenCase, index: number, signal: AbortLike): Promise<void> {
  let wrong: string | undefined;
  let cause: unknown;
  try {
    wrong = await faultOf(one, await predictor.predict(one.input, { signal }));
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    wrong = reasonOf(thrown);
    cause = thrown;
  }
  if (wrong !== undefined) throw new DefinitionError("OUTPUT_INVALID", `golden case ${index}: ${wrong}`, { cause });
}

async function faultOf({ output: expected, check, tolerance = 1e-3 }: GoldenCase, output: unknown): Promise<string | undefined> {
  const wrong = expected === undefined ? undefined : deviation(expected, output, tolerance);
  if (wrong !== undefined || check === undefined) return wrong;
  const said = await check(output as never);
  if (said === false) return "its check refused the output";
  return typeof said === "string" && said !== "" ? said : undefined;
}

/** Closes what nobody will use. */
function discard(predictor: AnyPredictor): void {
  predictor?.close?.().catch(() => {});
}
