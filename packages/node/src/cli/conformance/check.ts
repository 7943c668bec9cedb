import type { Subject } from "./subject.ts";

/** One rule, and how a server is held to it. */
export interface Check {
  /** Stable: `group.name`. */
  readonly id: string;
  readonly title: string;
  /** `must`: the protocol says so. `should`: a client may hope so. */
  readonly level: "must" | "should";
  /** Where the rule stands. */
  readonly rule: string;
  /** @throws Mismatch where the server does otherwise, Skip where it cannot be held to the rule */
  readonly run: (subject: Subject) => Promise<void>;
}

/** The server did otherwise. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly got: string;
  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** The check does not apply. */
export class Skip extends Error {}

/** Names of the pages that rules stand on, with their sections. */
export const rules = {
  health: "OIP v2 REST, Health",
  serverMetadata: "OIP v2 REST, Server Metadata",
  modelMetadata: "OIP v2 REST, Model Metadata",
  datatypes: "OIP v2 REST, Tensor Data Types",
  inference: "OIP v2 REST, Inference",
  request: "OIP v2 REST, Inference Request JSON Object",
  response: "OIP v2 REST, Inference Response JSON Object",
  tensorData: "OIP v2 REST, Tensor Data",
  errors: "OIP v2 REST, Inference Response JSON Error Object",
  metadataErrors: "OIP v2 REST, Model Metadata Response JSON Error Object",
  parameters: "OIP v2 REST, Parameters",
  binary: "binary tensor data extension, HTTP/REST",
  binaryRaw: "binary tensor data extension, Raw Binary Request",
  http: "RFC 9110",
  sane: "what any server should do: a client's mistake is a 4xx",
  isolation: "what any server should do: an answer is its own request's",
} as const;
