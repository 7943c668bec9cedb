import { sizeKb } from "../lib/sizes.mjs";

export default {
  name: "size",
  what: "`@predikt/core` main entry in kB, minified and gzipped, zod and onnxruntime-common outside, as the gate's size-limit measures it",
  target: 12,
  unit: "kB",
  measure: async () => ({ ratio: sizeKb("@predikt/core") }),
};
