import { describeModel, summariseModel } from "./describe.ts";
import { docsPage } from "./docs-page.ts";
import { exampleOf } from "./example.ts";
import type { NeutralReply } from "./neutral.ts";
import { openApi } from "./openapi.ts";
import type { Host, RouteCall } from "./protocol.ts";
import { unreadiness } from "./readiness.ts";
import type { TypedRoute } from "./typed-routes.ts";
import { headers, jsonReply, toJson } from "./wire/index.ts";

/** What the documents describe. */
export type Site = Pick<Host, "resolver" | "base" | "prefix" | "defaultName" | "title" | "limits" | "wire" | "shows" | "isDraining">;

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

function readiness(site: Site): unknown {
  const failure = unreadiness(site);
  if (failure !== undefined) throw failure;
  return {
    status: "ready",
    models: site.resolver.list().map(({ name, version, predictor }) => ({ name, version, state: predictor.info.state })),
  };
}
