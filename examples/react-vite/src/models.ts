import { digits } from "@predikt/example-digits/definition";
import digitsUrl from "@predikt/example-digits/digits.onnx?url";
import { line } from "@predikt/example-linear-regression/definition";
import type { LocalSpec, PreferSpec, RemoteSpec } from "@predikt/react";

/** Where this page's server has its models. */
export const api = "/api";

// The digest lets a stored copy be used without asking the server whether it is still the same.
const file = { source: digitsUrl, sha256: "457891bc7e0168a9146a133701ad2fb3dfcc07b2ddf88db261f9a8cdd6a0ebe5", size: 425_074 };

/** Places where the digits may be read: the same definition in all of them. */
export const places = ["best", "webgpu", "wasm", "server"] as const;

/** One of {@link places}. */
export type Place = (typeof places)[number];

const server = { definition: digits, url: api };

/** The digit model in each place, and the line, which only the server has. */
export const models = {
  best: { definition: digits, prefer: [{ ...file, device: "auto" }, server] } satisfies PreferSpec,
  webgpu: { ...file, definition: digits, device: "webgpu" } satisfies LocalSpec,
  wasm: { ...file, definition: digits, device: "wasm" } satisfies LocalSpec,
  server: server satisfies RemoteSpec,
  line: { definition: line, url: api } satisfies RemoteSpec,
};
