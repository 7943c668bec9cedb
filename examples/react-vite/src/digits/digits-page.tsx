import { useModel, usePrediction } from "@predikt/react";
import { type ReactElement, useMemo, useState } from "react";
import { models, type Place, places } from "../models.ts";
import { Announcement } from "../parts/announcement.tsx";
import { LoadProgress } from "../parts/load-progress.tsx";
import { percent } from "../parts/numbers.ts";
import { PlaceSwitch } from "../parts/place-switch.tsx";
import { WhereItRuns } from "../parts/where-it-runs.tsx";
import { ConfidenceBars } from "./confidence-bars.tsx";
import { DrawingPad } from "./drawing-pad.tsx";
import { LineCard } from "./line-card.tsx";
import { ModelView } from "./model-view.tsx";
import { toPixels } from "./strokes.ts";
import { useStrokes } from "./use-strokes.ts";

const none: readonly number[] = new Array<number>(10).fill(0);

/** Draw a digit, and see what the model takes it for, while you draw. */
export function DigitsPage(): ReactElement {
  const [place, setPlace] = useState<Place>("best");
  const pad = useStrokes();
  const { strokes } = pad;
  const input = useMemo(() => (strokes.length === 0 ? undefined : { pixels: toPixels(strokes) }), [strokes]);
  const model = useModel(models[place], { autoLoad: true });
  const { data, error, timings, isStale } = usePrediction(models[place], input, {
    // A device answers between two frames; a server is not asked at every twitch of the pen.
    debounceMs: place === "server" ? 60 : 0,
    // A model that could not be loaded is loaded again when the visitor says so, not at the next point.
    enabled: model.status !== "error",
  });
  const shown = input === undefined ? undefined : data;
  const said = shown === undefined ? "" : `It reads a ${shown.digit}, ${percent(shown.confidence)} sure.`;

  return (
    <>
      <div className="intro">
        <h1>Draw a digit</h1>
        <p>A network of 425 kB reads along, right here on your device or on the server: one definition, the same answer.</p>
      </div>
      <PlaceSwitch places={places} place={place} onChange={setPlace} />
      <div className="columns">
        <section className="card" aria-label="Your drawing">
          <DrawingPad pad={pad} label="Draw a digit, 0 to 9" read={shown?.digit} />
          <div className="buttons">
            <button type="button" onClick={pad.clear} disabled={strokes.length === 0}>
              Clear
            </button>
            <button type="button" onClick={pad.undo} disabled={strokes.length === 0}>
              Undo
            </button>
            <button type="button" onClick={() => pad.drawSample(Math.floor(Math.random() * 10))}>
              Draw for me
            </button>
          </div>
        </section>
        <section className="card answer" aria-label="Answer">
          <div className="verdict" data-stale={isStale}>
            <p className="big" aria-hidden="true">
              {shown?.digit ?? "?"}
            </p>
            <p>{said !== "" ? said : input === undefined ? "Nothing drawn yet." : "No answer yet."}</p>
            <ModelView pixels={input?.pixels} />
          </div>
          <ConfidenceBars probabilities={shown?.probabilities ?? none} digit={shown?.digit} />
          <LoadProgress model={model} name="Digits" />
          {error !== undefined && model.status !== "error" && (
            <p className="problem" role="alert">
              {error instanceof Error ? error.message : String(error)}
            </p>
          )}
          <Announcement>{said}</Announcement>
        </section>
        <WhereItRuns model={model} timings={timings} />
        <LineCard />
      </div>
    </>
  );
}
