import { Readable } from "node:stream";
import type { HandlerOptions, NeutralReply } from "@predikt/core/serving";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { closeOnSignals } from "./close-on-signals.ts";
import { NodeRequest } from "./node-request.ts";
import { createNodeServing, type NodeOptions } from "./node-serving.ts";
import { watchSilent } from "./silent.ts";

/** Options of the Fastify plugin. `prefix` is `register`'s own. */
export interface FastifyOptions extends Omit<HandlerOptions, "prefix">, NodeOptions {
  readonly prefix?: string | undefined;
}

/**
 * Serves models from a Fastify 5 app: `await app.register(predikt, { prefix: "/api", models })`. It is encapsulated: its body handling touches no
 * other route, while the app's hooks and its more specific routes keep working. Closing the app drains it; by Fastify's default, requests that come
 * meanwhile get Fastify's own 503.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export const predikt: FastifyPluginAsync<FastifyOptions> = async (app, options) => {
  const serving = createNodeServing({ ...options, prefix: app.prefix });
  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    const source = request.body instanceof Readable ? request.body : request.raw;
    void serving.answer(new NodeRequest(request.raw, reply.raw, source), sendBy, reply);
  };
  // The handler knows each route's limit and reads the body itself.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  // Fastify refuses some content types before any parser; the handler has its own word for them.
  app.setErrorHandler((error, request, reply) => {
    if ((error as { code?: unknown }).code !== "FST_ERR_CTP_INVALID_MEDIA_TYPE") throw error;
    answer(request, reply);
    return reply;
  });
  app.route({ method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], url: "/*", handler: answer });
  const endSilent = watchSilent(app.server);
  app.addHook("preClose", async () => {
    await serving.close();
    endSilent();
  });
  if (options.handleSignals === true) {
    const letGo = closeOnSignals(() => app.close());
    app.addHook("onClose", async () => letGo());
  }
};

function sendBy(reply: FastifyReply, { status, headers, body }: NeutralReply): void {
  if (status === 499) reply.hijack();
  else reply.code(status).headers(headers).send(body);
}
