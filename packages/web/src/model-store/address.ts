import { digestOf } from "./digest.ts";
import type { StorePlatform } from "./platform.ts";

/** A model's URL: whole for the request, without what may be secret for messages and records. */
export interface ModelAddress {
  readonly href: string;
  /** Origin and path; `data:` or `blob:` where it has none. */
  readonly shown: string;
  /** Whether its bytes may be stored and its attempts repeated: it is `http:` or `https:`. */
  readonly remote: boolean;
  readonly sameOrigin: boolean;
}

/** Reads a URL. The fragment belongs to the page, not to the file. */
export function addressOf(url: string, { origin }: Pick<StorePlatform, "origin">): ModelAddress {
  const parsed = new URL(url);
  parsed.hash = "";
  const remote = /^https?:$/.test(parsed.protocol);
  return {
    href: parsed.href,
    shown: remote ? parsed.origin + parsed.pathname : parsed.protocol,
    remote,
    sameOrigin: parsed.origin === origin,
  };
}

/** The name of an entry: the digest that the caller demands, else one made of the URL, whose entry's ETag stands in its side-car. */
export async function keyOf(address: ModelAddress, sha256: string | undefined, platform: StorePlatform): Promise<string> {
  return sha256?.toLowerCase() ?? `url-${await urlDigest(address, platform)}`;
}

/** Stands for a URL in a file's name and in side-cars, where its query must not be read. */
export async function urlDigest({ href }: ModelAddress, platform: StorePlatform): Promise<string> {
  return (await digestOf(new TextEncoder().encode(href), platform)).slice(0, 32);
}
