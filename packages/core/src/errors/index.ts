export * from "./errors.ts";
export { type CodeOf, type CodesByKind, type ErrorCode, type ErrorKind, type ErrorRow, errorTable } from "./table.ts";
