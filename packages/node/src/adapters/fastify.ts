import { Readable } from "node:stream";
import { createHandler, type HandlerOptions } from "@predikt/core/serving";
import type { FastifyPluginAsync } from "fastify";
import { NodeRequest } from "./node-request.ts";

/** Options of the Fastify plugin. `prefix` is `register`'s own. */
export interface FastifyOptions extends Omit<HandlerOptions, "prefix"> {
  readonly prefix?: string | undefined;
}

/**
 * Serves models from a Fastify 5 app: `await app.register(predikt, { prefix: "/api", models })`. It is encapsulated: its body handling touches no
 * other route, while the app's hooks and its more specific routes keep working. Closing the app drains it.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export const predikt: FastifyPluginAsync<FastifyOptions> = async (app, options) => {
  const handler = createHandler({ ...options, prefix: app.prefix });
  // The handler knows each route's limit and reads the body itself.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.route({
    method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    url: "/*",
    handler: (request, reply) => {
      const source = request.body instanceof Readable ? request.body : request.raw;
      void handler.handle(new NodeRequest(request.raw, reply.raw, source)).then(({ status, headers, body }) => {
        if (status === 499) reply.hijack();
        else reply.code(status).headers(headers).send(body);
      });
    },
  });
  app.addHook("onClose", () => handler.close());
};
