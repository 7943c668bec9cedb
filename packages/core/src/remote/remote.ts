import { ConfigError } from "../errors/index.ts";
import { type HttpLink, toHttpLink } from "../http/link.ts";
import { AutoTransport } from "./auto-transport.ts";
import { OipTransport } from "./oip/oip-transport.ts";
import { checkFleetOptions, type RemoteOptions, remoteRules } from "./options.ts";
import { TfServingTransport } from "./tfserving/tfserving-transport.ts";
import type { Transport } from "./transport.ts";
import { type RemoteBackend, transportBackend } from "./transport-backend.ts";

/**
 * A model on somebody else's server, as a backend: Triton, KServe, MLServer, TensorFlow Serving, or another Predikt server's raw tensors. The definition
 * encodes and decodes here, the server runs; without a definition it takes named tensors. The signature is read from the server's metadata.
 *
 * With several URLs each request goes to the endpoint with the fewest under way. One that keeps failing leaves, and comes back once it answers or passes
 * its health probe: `circuit-opened` and `circuit-closed` tell. An abort ends the request on the wire, and the time left goes with it. Connections are
 * kept open by the platform's fetch.
 *
 * `source` may be left out; where it is given, it is the model's name on the server. Beyond a local predictor's errors: REMOTE_UNREACHABLE,
 * REMOTE_STATUS, REMOTE_PROTOCOL, MODEL_NOT_FOUND, NOT_READY, RATE_LIMITED, UNAUTHENTICATED, FORBIDDEN, with `endpoint` and `status` in the details. What the
 * server says of the input is an InputError.
 *
 * @param url Where the server's `/v2` or `/v1` lies, e.g. `https://models.example.com`; user and password in it become an Authorization header.
 * @throws ConfigError CONFIG_INVALID
 */
export function remote(url: string | URL | readonly (string | URL)[], options: RemoteOptions = {}): RemoteBackend {
  if ((options.protocol as string) === "oip-grpc")
    throw new ConfigError("protocol", '"oip", "tfserving" or "auto" (for gRPC, take remote from @predikt/node/grpc)', '"oip-grpc"');
  checkFleetOptions(options, remoteRules);
  const { protocol = "auto", version, label, binary = "auto", signatureName } = options;
  if (version !== undefined && label !== undefined) throw new ConfigError("label", "a version or a label", "both");
  if (label !== undefined && protocol !== "tfserving")
    throw new ConfigError("label", 'the protocol "tfserving", which has labels', `"${protocol}"`);
  const urls = Array.isArray(url) ? url : [url];
  if (urls.length === 0) throw new ConfigError("url", "a URL, or a list of at least one", "an empty list");
  const links = urls.map((each) => toLink(each as string | URL, options));
  const endpoints = links.map((link) => link.url);
  if (new Set(endpoints).size < endpoints.length) throw new ConfigError("url", "each URL once", "one that comes twice");
  const connect = (endpoint: number, name: string): Transport => {
    const link = links[endpoint] as HttpLink;
    const choice = { name, version, label };
    const oip = (): Transport => new OipTransport(link, choice, binary);
    const tfServing = (): Transport => new TfServingTransport(link, choice, signatureName);
    if (protocol === "auto") return new AutoTransport(oip(), tfServing());
    return protocol === "oip" ? oip() : tfServing();
  };
  return transportBackend({ protocol, endpoints, connect }, options);
}

/** fetch refuses credentials in URLs, and no message is to show them. */
function toLink(url: string | URL, options: RemoteOptions): HttpLink {
  const text = String(url);
  const [, scheme, credentials, rest] = /^(https?:\/\/)([^/@]*)@(.*)$/is.exec(text) ?? [];
  if (credentials === undefined) return toHttpLink(url, options);
  const link = toHttpLink(`${scheme}${rest}`, options);
  const bytes = new TextEncoder().encode(decodeURIComponent(credentials));
  const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  const { headers } = link;
  return {
    ...link,
    headers: typeof headers === "function" ? async (call) => ({ authorization, ...(await headers(call)) }) : { authorization, ...headers },
  };
}
