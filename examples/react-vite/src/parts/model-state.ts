import type { ModelState } from "@predikt/react";

/** What `useModel` gives of any model, as far as it is shown. */
export interface ShownModel extends Omit<ModelState, "predictor"> {
  readonly retry: () => Promise<unknown>;
}
