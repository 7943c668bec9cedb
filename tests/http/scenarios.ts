import { binaries } from "./scenarios/binary.ts";
import { input } from "./scenarios/input.ts";
import { protocol } from "./scenarios/protocol.ts";
import { routes } from "./scenarios/routes.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** The one table: requests and the replies that every adapter gives, in this order over one kept-alive socket. */
export const scenarios: readonly Scenario[] = [...routes, ...input, ...protocol, ...binaries];
