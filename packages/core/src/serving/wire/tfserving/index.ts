export { tensorFromNested } from "./read-nested.ts";
export { tfDtypeOf, tfTypeOf } from "./types.ts";
export { elementTexts, nested } from "./write-nested.ts";
