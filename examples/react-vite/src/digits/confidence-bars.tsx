import type { ReactElement } from "react";
import { percent } from "../parts/numbers.ts";

/** How sure the model is of each digit. */
export function ConfidenceBars({
  probabilities,
  digit,
}: {
  readonly probabilities: readonly number[];
  readonly digit: number | undefined;
}): ReactElement {
  return (
    <ol className="bars" aria-label="Confidence in each digit" start={0}>
      {probabilities.map((share, each) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its place in the list.
        <li key={each} data-best={each === digit}>
          <span className="digit">{each}</span>
          <span className="track" aria-hidden="true">
            <span style={{ transform: `scaleX(${share})` }} />
          </span>
          <span className="share">{digit === undefined ? "–" : percent(share)}</span>
        </li>
      ))}
    </ol>
  );
}
