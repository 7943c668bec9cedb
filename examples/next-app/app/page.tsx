import type { ReactElement } from "react";
import { Predictors } from "./predictors.tsx";
import { ReadSeven } from "./read-seven.tsx";

/** Rendered on the server; what predicts in the browser is below the provider. */
export default function Page(): ReactElement {
  return (
    <main>
      <h1>One definition, two places</h1>
      <p>A handwritten 7, read by the route handler on the server, or by the same model on this device.</p>
      <Predictors>
        <ReadSeven />
      </Predictors>
    </main>
  );
}
