import { LifecycleError } from "../errors/index.ts";
import { describeModel, summariseModel } from "./describe.ts";
import { docsPage } from "./docs-page.ts";
import { drainingError } from "./draining.ts";
import { exampleOf } from "./example.ts";
import type { NeutralReply } from "./neutral.ts";
import { openApi } from "./openapi.ts";
import type { Host, RouteCall } from "./protocol.ts";
import type { TypedRoute } from "./typed-routes.ts";
import { headers, jsonReply, toJson } from "./wire/index.ts";

/** What the documents describe. */
export type Site = Pick<Host, "resolver" | "base" | "prefix" | "defaultName" | "title" | "limits" | "isDraining">;

/** Makes the function that answers the GET routes. */
export function createDocuments(site: Site): (call: RouteCall, route: TypedRoute) => NeutralReply {
  return ({ request, requestId }, route) => {
    const mount = `${site.base}${request.base}${site.prefix}`;
    const head: Record<string, string> = { "content-type": jsonReply, "cache-control": "no-store", [headers.requestId]: requestId };
    if (route.kind === "docs") {
      head["content-type"] = "text/html; charset=utf-8";
      head["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'";
      return { status: 200, headers: head, body: docsPage(site, request.origin(), mount) };
    }
    if (route.kind === "openapi") return { status: 200, headers: head, body: toJson(openApi(site, mount)) };
    return { status: 200, headers: head, body: toJson(document(site, route)) };
  };
}

function document(site: Site, route: TypedRoute): unknown {
  const { resolver } = site;
  switch (route.kind) {
    case "live":
      return { status: "live" };
    case "ready":
      return readiness(site);
    case "models":
      return { models: resolver.list().map((model) => summariseModel(model, site.defaultName)) };
    default: {
      const predictor = resolver.resolve(route.model as string, route);
      if (route.kind === "example") return exampleOf(predictor) ?? null;
      const listed = resolver.list().find((model) => model.predictor === predictor);
      return describeModel(predictor, listed?.labels ?? []);
    }
  }
}

/** Ready means: every model is, and nothing is being drained. */
function readiness({ resolver, isDraining }: Site): unknown {
  if (isDraining()) throw drainingError();
  const models = resolver.list().map(({ name, version, predictor }) => ({ name, version, state: predictor.info.state }));
  const behind = [...models.filter((model) => model.state !== "ready"), ...(resolver.unready?.() ?? [])];
  if (behind.length > 0) {
    throw new LifecycleError("NOT_READY", `not ready: ${behind.map((model) => `"${model.name}" is ${model.state}`).join(", ")}`, {
      details: { models },
    });
  }
  return { status: "ready", models };
}
