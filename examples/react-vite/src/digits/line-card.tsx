import { line } from "@predikt/example-linear-regression/definition";
import { usePrediction } from "@predikt/react";
import { type ReactElement, useId, useMemo, useState } from "react";

/** The server's default model, which `npm start` has just trained. */
export function LineCard(): ReactElement {
  const [text, setText] = useState("3");
  const field = useId();
  const x = Number(text);
  const input = useMemo(() => (text.trim() !== "" && Number.isFinite(x) ? { x } : undefined), [text, x]);
  const { data, error, predict } = usePrediction(line, input, { debounceMs: 120 });
  return (
    <section className="card line" aria-labelledby="line-title">
      <h2 id="line-title">The server’s default model</h2>
      <p className="quiet">A line, y = 2x, learnt from five points when the server started.</p>
      <p className="equation">
        <label htmlFor={field}>x =</label>
        <input id={field} inputMode="decimal" autoComplete="off" value={text} onChange={({ target }) => setText(target.value)} />
        <span aria-hidden="true">→</span>
        <output htmlFor={field} aria-live="polite">
          y = {error !== undefined || data === undefined ? "…" : data.y.toFixed(3)}
        </output>
      </p>
      {error !== undefined && input !== undefined && (
        <div className="problem">
          <p>{error instanceof Error ? error.message : String(error)}</p>
          <button type="button" onClick={() => void predict(input)}>
            Try again
          </button>
        </div>
      )}
    </section>
  );
}
