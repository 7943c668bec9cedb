export { type AnyDefinition, hostDefinitions } from "./host-definitions.ts";
