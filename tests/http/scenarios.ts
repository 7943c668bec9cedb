import { binaries } from "./scenarios/binary.ts";
import { connections } from "./scenarios/connections.ts";
import { input } from "./scenarios/input.ts";
import { leaving } from "./scenarios/leaving.ts";
import { load } from "./scenarios/load.ts";
import { protocol } from "./scenarios/protocol.ts";
import { routes } from "./scenarios/routes.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Story } from "./scenarios/story.ts";

/** The one table: requests and the replies that every adapter gives, in this order over one kept-alive socket. */
export const scenarios: readonly Scenario[] = [...routes, ...input, ...protocol, ...binaries];

/** Its second half: what takes more than one request, each on a server of its own. */
export const stories: readonly Story[] = [...load, ...leaving, ...connections];
