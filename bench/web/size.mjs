import { sizeKb } from "../lib/sizes.mjs";

/** The browser's package. */
export const web = {
  name: "web-size",
  what: "`@predikt/web` main entry in kB, minified and with brotli, core outside, as the gate's size-limit measures it",
  target: 6,
  unit: "kB",
  measure: async () => ({ ratio: sizeKb("@predikt/web") }),
};

/** The hooks. */
export const react = {
  name: "web-size-react",
  what: "`@predikt/react` main entry in kB, minified and with brotli, core and React outside, as the gate's size-limit measures it",
  target: 5,
  unit: "kB",
  measure: async () => ({ ratio: sizeKb("@predikt/react") }),
};
