import { type ReactElement, useState } from "react";
import { Announcement } from "../parts/announcement.tsx";
import { LoadProgress } from "../parts/load-progress.tsx";
import { milliseconds } from "../parts/numbers.ts";
import { PlaceSwitch } from "../parts/place-switch.tsx";
import { WhereItRuns } from "../parts/where-it-runs.tsx";
import { ImageCard } from "./image-card.tsx";
import { LineList } from "./line-list.tsx";
import { type TextPlace, textPlaces } from "./text-models.ts";
import { useImage } from "./use-image.ts";
import { useTextReader } from "./use-text-reader.ts";

const hints = { best: "The graphics processor if there is one, else the processor. Your image stays on this device in any case." };

/** Reads the text of an image: one model finds the lines, another reads each. */
export default function TextPage(): ReactElement {
  const [place, setPlace] = useState<TextPlace>("best");
  const [active, setActive] = useState<number | undefined>(undefined);
  const { detector, recogniser, status, lines, error, ms, read, reset } = useTextReader(place);
  const { image, problem, open, openSample } = useImage(reset);
  const isLoading = [detector, recogniser].some((model) => model.status !== "ready" && model.status !== "idle");
  const said =
    status === "done"
      ? `${lines.length} lines read${ms === undefined ? "" : ` in ${milliseconds(ms)}`}.`
      : status === "reading"
        ? "Reading …"
        : "";

  return (
    <>
      <div className="intro">
        <h1>Read the text of an image</h1>
        <p>Two networks of PaddleOCR, 15 MB together: one finds the lines, the other reads each. The image never leaves your device.</p>
      </div>
      <PlaceSwitch places={textPlaces} place={place} onChange={setPlace} hints={hints} />
      <div className="columns text">
        <ImageCard image={image} lines={lines} active={active} onActive={setActive} onOpen={open} onSample={openSample} problem={problem}>
          <button
            className="primary"
            type="button"
            disabled={image === undefined || status === "reading"}
            onClick={() => image && void read(image.bitmap)}
          >
            Read it
          </button>
        </ImageCard>
        <section className="card text-answer" aria-label="Text">
          <h2>What it says</h2>
          {lines.length > 0 && <LineList lines={lines} active={active} onActive={setActive} />}
          {lines.length === 0 && <p className="quiet">{status === "done" ? "No text was found." : "Nothing read yet."}</p>}
          {status !== "idle" && (isLoading || status === "error") && (
            <>
              <LoadProgress model={detector} name="Finds the lines" showName />
              <LoadProgress model={recogniser} name="Reads each line" showName />
            </>
          )}
          {status === "error" && !isLoading && (
            <p className="problem" role="alert">
              {error instanceof Error ? error.message : String(error)}
            </p>
          )}
          <p className="quiet">{said}</p>
          <Announcement>{said}</Announcement>
        </section>
        <WhereItRuns model={detector} />
      </div>
    </>
  );
}
