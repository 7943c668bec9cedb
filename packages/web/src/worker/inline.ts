import type { Port } from "@predikt/core/runtime";
import { serve } from "./serve.ts";

/** Starts what a worker does on this thread, and gives the page's end of the way to it. */
export function serveHere(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serve(port2 as unknown as Port);
  port2.start();
  port1.start();
  return port1;
}
