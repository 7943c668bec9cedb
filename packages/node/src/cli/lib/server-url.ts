import { UsageError } from "./failure.ts";

/** What a URL of a server says. */
export interface ServerUrl {
  /** Where the routes lie, without a trailing slash. */
  readonly base: string;
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly label: string | undefined;
  /** The protocol of the route that it names, if it names one. */
  readonly protocol: "typed" | "oip" | undefined;
}

/** Reads the URL of a server, or of one of its routes: `…/predict/{model}`, `…/v2/models/{model}`. @throws UsageError */
export function parseServerUrl(text: string): ServerUrl {
  if (!URL.canParse(text)) throw new UsageError(`${text} is no URL`);
  const { origin, pathname, search, hash } = new URL(text);
  if (search !== "" || hash !== "") throw new UsageError(`${text}: expected a URL without a query`);
  const path = pathname.replace(/\/+$/, "");
  const typed = /^(.*)\/predict(?:\/([^/]+)(?:\/(versions|labels)\/([^/]+))?)?$/.exec(path);
  if (typed !== null) {
    const [, prefix, model, by, value] = typed;
    return {
      base: origin + prefix,
      model: decoded(model),
      version: by === "versions" ? decoded(value) : undefined,
      label: by === "labels" ? decoded(value) : undefined,
      protocol: "typed",
    };
  }
  const oip = /^(.*)\/v2(?:\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/infer)?)?$/.exec(path);
  if (oip !== null) {
    const [, prefix, model, version] = oip;
    return { base: origin + prefix, model: decoded(model), version: decoded(version), label: undefined, protocol: "oip" };
  }
  return { base: origin + path, model: undefined, version: undefined, label: undefined, protocol: undefined };
}

function decoded(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    throw new UsageError(`${segment}: no part of a URL that can be decoded`);
  }
}
