import type { Timings } from "@predikt/core";
import type { ReactElement, ReactNode } from "react";
import type { ShownModel } from "./model-state.ts";
import { milliseconds } from "./numbers.ts";

const names: Readonly<Record<string, string>> = { webgpu: "WebGPU", wasm: "WebAssembly", remote: "Server", cpu: "CPU" };

/** What runs, how fast, and why nothing better does: never left to guessing. */
export function WhereItRuns({ model, timings }: { readonly model: ShownModel; readonly timings?: Timings | undefined }): ReactElement {
  const { choice, info } = model;
  const threads = info?.details["threads"];
  return (
    <section className="card where" aria-labelledby="where-title">
      <h2 id="where-title">Where it runs</h2>
      <dl>
        <Fact name="Runs on">
          {choice === undefined
            ? "nothing yet"
            : choice.runsOn === "server"
              ? "the server, over HTTP"
              : `this device: ${names[choice.device] ?? choice.device}`}
        </Fact>
        {choice?.runsOn === "device" && typeof threads === "number" && (
          <Fact name="In">a worker, {threads === 1 ? "one thread" : `${threads} threads`}</Fact>
        )}
        {timings !== undefined && (
          <Fact name="Last answer">
            {milliseconds(timings.totalMs)}
            {choice?.runsOn === "device" && <span className="quiet"> ({milliseconds(timings.runMs)} in the model)</span>}
          </Fact>
        )}
        {choice !== undefined && (
          <Fact name="Skipped">
            {choice.because.length === 0 ? (
              "nothing: it is the first choice"
            ) : (
              <ul>
                {choice.because.map((why) => (
                  <li key={why}>{why}</li>
                ))}
              </ul>
            )}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
