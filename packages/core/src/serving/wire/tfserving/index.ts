export { tensorFromNested } from "./read-nested.ts";
export { tfDtypeOf, tfTypeOf } from "./types.ts";
export { nested, slicer } from "./write-nested.ts";
