"use client";

import { digits } from "@predikt/example-digits/definition";
import { PredictorProvider } from "@predikt/react";
import { createPredictor } from "@predikt/web";
import type { ReactElement, ReactNode } from "react";

/** Where the digit model runs: here, or behind the route handler. */
const models = {
  device: { definition: digits, source: new URL("@predikt/example-digits/digits.onnx", import.meta.url) },
  server: { definition: digits, url: "/api" },
};

/** Gives the components below it the models. */
export function Predictors({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <PredictorProvider create={createPredictor} models={models}>
      {children}
    </PredictorProvider>
  );
}
