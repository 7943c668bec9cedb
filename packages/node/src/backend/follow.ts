import { ConfigError, ModelError } from "@predikt/core";
import type { DownloadOptions } from "./options.ts";

/** Redirects of one request at most, as many as browsers follow. */
const maxHops = 20;
const redirects = [301, 302, 303, 307, 308];

/** Where a model lies, and what is told to that origin alone. */
export interface Address {
  /** Without credentials. */
  readonly url: URL;
  readonly headers: Headers;
}

/**
 * Takes credentials out of a URL: they become Basic authentication (RFC 7617), unless `authorization` is given.
 *
 * @throws ConfigError CONFIG_INVALID for headers or credentials that HTTP cannot carry
 */
export function addressOf(source: URL, { headers: given }: DownloadOptions): Address {
  const url = new URL(source);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  let headers: Headers;
  try {
    headers = new Headers(given);
  } catch {
    // The platform's own text has the value in it.
    throw new ConfigError("download.headers", "names and values that HTTP allows", "others");
  }
  if (username === "" && password === "") return { url, headers };
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    if (!headers.has("authorization")) headers.set("authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
  } catch {
    throw new ConfigError("source", "credentials that are percent-encoded", "others");
  }
  return { url, headers };
}

/**
 * Requests an address and follows redirects by hand, since the platform would carry headers of any name on to another origin.
 *
 * @throws ModelError MODEL_FETCH for a redirect that leads nowhere
 */
export async function follow(
  address: Address,
  own: Readonly<Record<string, string>>,
  fetcher: typeof fetch,
  signal: AbortSignal,
): Promise<Response> {
  let url = address.url;
  let isHome = true;
  for (let hop = 0; hop <= maxHops; hop++) {
    const headers = isHome ? new Headers(address.headers) : new Headers();
    for (const [name, value] of Object.entries(own)) if (!headers.has(name)) headers.set(name, value);
    const response = await fetcher(url, { headers, redirect: "manual", signal });
    const location = redirects.includes(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    url = next(location, url);
    isHome &&= url.origin === address.url.origin;
  }
  throw misled(address.url, `it redirects more than ${maxHops} times`);
}

function next(location: string, from: URL): URL {
  if (!URL.canParse(location, from)) throw misled(from, "it redirects to something that is no URL");
  const url = new URL(location, from);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw misled(from, `it redirects to a ${url.protocol} URL`);
  url.username = "";
  url.password = "";
  return url;
}

function misled(url: URL, reason: string): ModelError {
  const where = url.origin + url.pathname;
  return new ModelError("MODEL_FETCH", `the model could not be downloaded from ${where}: ${reason}`, { details: { url: where } });
}
