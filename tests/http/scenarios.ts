import { binaries } from "./scenarios/binary.ts";
import { connections } from "./scenarios/connections.ts";
import { input } from "./scenarios/input.ts";
import { leaving } from "./scenarios/leaving.ts";
import { load } from "./scenarios/load.ts";
import { oip } from "./scenarios/oip.ts";
import { protocol } from "./scenarios/protocol.ts";
import { routes } from "./scenarios/routes.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Story } from "./scenarios/story.ts";
import { tfserving } from "./scenarios/tfserving.ts";

/** The one table: requests and the replies that every adapter gives, in this order over one kept-alive socket. */
export const scenarios: readonly Scenario[] = [...routes, ...input, ...protocol, ...binaries, ...oip, ...tfserving];

/** Its second half: what takes more than one request, each on a server of its own. */
export const stories: readonly Story[] = [...load, ...leaving, ...connections];
