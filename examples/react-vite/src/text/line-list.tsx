import { type ReactElement, useState } from "react";
import { percent } from "../parts/numbers.ts";
import type { Line } from "./read-text.ts";

/** What the lines say. Pointing at one shows where it stands. */
export function LineList({
  lines,
  active,
  onActive,
}: {
  readonly lines: readonly Line[];
  readonly active: number | undefined;
  readonly onActive: (line: number | undefined) => void;
}): ReactElement {
  const [copied, setCopied] = useState<"" | "Copied" | "The browser does not allow it">("");
  const text = lines.map((line) => line.text ?? "").join("\n");
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(text).then(
      () => setCopied("Copied"),
      () => setCopied("The browser does not allow it"),
    );
  return (
    <>
      <ol className="lines">
        {lines.map((line, i) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place in reading order.
            key={i}
            data-active={i === active}
            onPointerEnter={() => onActive(i)}
            onPointerLeave={() => onActive(undefined)}
          >
            <span className="words">{line.text ?? "…"}</span>
            {line.confidence !== undefined && <span className="quiet">{percent(line.confidence)}</span>}
          </li>
        ))}
      </ol>
      <p className="buttons">
        <button type="button" onClick={() => void copy()}>
          Copy the text
        </button>
        <span className="quiet" role="status">
          {copied}
        </span>
      </p>
    </>
  );
}
