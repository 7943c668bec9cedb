import type { ReactElement } from "react";
import type { ShownModel } from "./model-state.ts";
import { megabytes } from "./numbers.ts";

const doing = {
  runtime: "Fetching the runtime",
  download: "Fetching the model",
  open: "Opening the model",
  warmup: "Warming up",
} as const;

/** How far a model is on its way; nothing once it is ready. */
export function LoadProgress({
  model,
  name,
  showName = false,
}: {
  readonly model: ShownModel;
  readonly name: string;
  /** For two models side by side. */
  readonly showName?: boolean;
}): ReactElement | null {
  const { status, progress, error, retry } = model;
  if (status === "error") {
    return (
      <div className="problem" role="alert">
        <p>{error instanceof Error ? error.message : String(error)}</p>
        <button type="button" onClick={() => void retry()}>
          Try again
        </button>
      </div>
    );
  }
  if (status === "idle" || status === "ready") return null;
  const { phase = "download", loaded = 0, total, ratio, fromCache } = progress ?? {};
  const hasBytes = phase === "runtime" || phase === "download";
  const text = `${fromCache ? "Reading the model from this device" : doing[phase]}${hasBytes && loaded > 0 ? `: ${megabytes(loaded, total)}` : " …"}`;
  return (
    <div className="loading">
      <progress aria-label={`${name}: loading`} max={1} {...(ratio === undefined ? {} : { value: ratio })} />
      <p className="quiet">
        {showName && <b>{name}. </b>}
        {text}
      </p>
    </div>
  );
}
