export { checkFeeds, specText } from "./check-feeds.ts";
export { describe } from "./describe.ts";
export { allocate, dtypeInfo, dtypes, isDType } from "./dtypes.ts";
export { shapeOf, toValues } from "./elements.ts";
export { fromFloat16Bits, toFloat16Bits } from "./float16.ts";
export { fitFlat, fits, isList } from "./nested.ts";
export { assertRange } from "./range.ts";
export { concatRows, copyRows, laneKey, rowCount } from "./rows.ts";
export { isTensorLike, sizeOf, store, tensor, toTensor } from "./tensor.ts";
