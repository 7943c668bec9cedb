import batching from "./batching.mjs";
import gap from "./gap.mjs";
import memory from "./memory.mjs";
import run from "./run.mjs";
import secondVisit from "./second-visit.mjs";
import { react, web } from "./size.mjs";
import { predict, ready } from "./transformers.mjs";

/** The claims of the browser's packages. */
export const webRows = [gap, run, secondVisit, predict, ready, batching, memory, web, react];
