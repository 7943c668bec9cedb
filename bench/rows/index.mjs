import { webRows } from "../web/index.mjs";
import batching from "./batching.mjs";
import binary from "./binary.mjs";
import digits from "./digits.mjs";
import eventLoop from "./event-loop.mjs";
import grpc from "./grpc.mjs";
import gunicorn from "./gunicorn.mjs";
import { batched, unbatched } from "./http.mjs";
import memory from "./memory.mjs";
import { oip, oipBinary } from "./oip.mjs";
import processes from "./processes.mjs";
import registry from "./registry.mjs";
import run from "./run.mjs";
import size from "./size.mjs";

/**
 * Every claim. `measure` gives `ratio`, which must be at most `target`, or at least where `atLeast` is set, and other figures to show; a row without
 * `target` is reported only;
 * Every claim. `measure` gives `ratio`, which must be at most `target`, or at least where `atLeast` is set, and other figures to show; a row without a
 * `target` is only reported, and `why` says what makes it what it is;
 * `missing` says why it cannot be measured here, and `inBrowser` that it is measured in a browser.
 */
export const rows = [
  run,
  batching,
  digits,
  eventLoop,
  unbatched,
  batched,
  gunicorn,
  binary,
  oip,
  oipBinary,
  grpc,
  registry,
  processes,
  memory,
  size,
  ...webRows,
];
