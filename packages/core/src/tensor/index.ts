export { checkFeeds, specText } from "./check-feeds.ts";
export { allocate, type DTypeInfo, dtypeInfo, dtypes, isDType } from "./dtypes.ts";
export { convertElements, describe, isBadElement, toValues } from "./elements.ts";
export { type Flattened, fitFlat, flatten, maxRank } from "./flatten.ts";
export { fromFloat16Bits, toFloat16Bits } from "./float16.ts";
export { byteLength, concatRows, copyRows, laneKey, rowCount } from "./rows.ts";
export { isTensorLike, sizeOf, tensor, toStorage } from "./tensor.ts";
