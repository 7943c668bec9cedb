export { hostDefinitions } from "./host-definitions.ts";
