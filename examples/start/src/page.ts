import { existsSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const built = fileURLToPath(new URL("../../react-vite/dist/", import.meta.url));

/**
 * Serves the built page of examples/react-vite at `/`.
 *
 * @throws Error that says what to do where it is not built
 */
export async function servePage(app: FastifyInstance): Promise<void> {
  if (!existsSync(`${built}index.html`)) throw new Error("The page is not built. npm start without --no-setup builds it.");
  await app.register(fastifyStatic, {
    root: built,
    // The files there are now, and no others.
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Vite puts a digest into the names of what lies in assets/; everything else may be another the next time.
      const isFixed = path.startsWith(`${built}assets${sep}`);
      reply.setHeader("cache-control", isFixed ? "public, max-age=31536000, immutable" : "no-cache");
      // WebAssembly uses more than one thread only on a page that is isolated from other origins.
      reply.setHeader("cross-origin-opener-policy", "same-origin");
      reply.setHeader("cross-origin-embedder-policy", "require-corp");
      reply.setHeader("x-content-type-options", "nosniff");
    },
  });
}
