"use client";

import type { digits } from "@predikt/example-digits/definition";
import seven from "@predikt/example-digits/seven.json";
import { useModel, usePrediction } from "@predikt/react";
import { type ReactElement, useState } from "react";

/** Asks one of the two, and tells which it was. */
export function ReadSeven(): ReactElement {
  const [place, setPlace] = useState<"device" | "server">("device");
  const { status, choice } = useModel(place);
  const { data, error, predict, timings } = usePrediction<typeof digits>(place);
  return (
    <>
      <fieldset>
        <legend>Run it on</legend>
        {(["device", "server"] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="place" checked={each === place} onChange={() => setPlace(each)} />
            {each === "device" ? "This device" : "The server"}
          </label>
        ))}
      </fieldset>
      <button type="button" onClick={() => void predict(seven)}>
        Read the 7
      </button>
      <p role="status">
        {data !== undefined
          ? `It reads a ${data.digit}, on ${choice?.runsOn === "server" ? "the server" : `this device (${choice?.device})`}, in ${timings?.totalMs.toFixed(1)} ms.`
          : status === "idle" || status === "ready"
            ? "Nothing read yet."
            : `The model is ${status} …`}
      </p>
      {error !== undefined && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
    </>
  );
}
