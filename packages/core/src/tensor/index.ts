export { checkFeeds, specText } from "./check-feeds.ts";
export { allocate, dtypeInfo, dtypes, isDType } from "./dtypes.ts";
export { describe, toValues } from "./elements.ts";
export { fitFlat, flatten } from "./flatten.ts";
export { fromFloat16Bits, toFloat16Bits } from "./float16.ts";
export { concatRows, copyRows, laneKey, rowCount } from "./rows.ts";
export { isTensorLike, sizeOf, tensor, toStorage } from "./tensor.ts";
