import { useDeviceCapabilities } from "@predikt/react";
import { type ReactElement, useId } from "react";
import type { Place } from "../models.ts";

const names: Readonly<Record<Place, string>> = { best: "Automatic", webgpu: "WebGPU", wasm: "WebAssembly", server: "Server" };
const usualHints: Readonly<Record<Place, string>> = {
  best: "This device if it can, else the server.",
  webgpu: "On this device’s graphics processor.",
  wasm: "On this device’s processor.",
  server: "On the machine that serves this page, over HTTP.",
};

/** Where to run, as a row of radio buttons. */
export function PlaceSwitch<P extends Place>({
  places,
  place,
  onChange,
  hints = {},
}: {
  readonly places: readonly P[];
  readonly place: P;
  readonly onChange: (place: P) => void;
  /** What to say of a place, where it is another thing here. */
  readonly hints?: Partial<Record<Place, string>>;
}): ReactElement {
  const group = useId();
  const { devices } = useDeviceCapabilities();
  const problem = devices?.find(({ device }) => device === place);
  return (
    <fieldset className="switch">
      <legend>Run it on</legend>
      <div className="options">
        {places.map((each) => (
          <label key={each}>
            <input type="radio" name={group} value={each} checked={each === place} onChange={() => onChange(each)} />
            <span>{names[each]}</span>
          </label>
        ))}
      </div>
      <p className="quiet">
        {hints[place] ?? usualHints[place]}{" "}
        {problem?.automatic === false && problem.reason !== undefined && <em>Here: {problem.reason}.</em>}
      </p>
    </fieldset>
  );
}
