import { createHash } from "node:crypto";
import type { ModelMetadata, Signature } from "@predikt/core";
import { type Inspection, inspectModel, readModel } from "@predikt/core/onnx";
import { type ExternalFile, externalFiles } from "./external-files.ts";
import { type Finding, findingsOf } from "./findings.ts";

/** How often a model uses an operator. */
export interface OperatorCount {
  /** `""` is ai.onnx. */
  readonly domain: string;
  readonly opType: string;
  readonly count: number;
}

/** What `predikt inspect --json` prints. */
export interface Report {
  /** The path or URL. */
  readonly model: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  readonly irVersion: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly opsets: Readonly<Record<string, number>>;
  readonly signature: Signature;
  /** Elements of all initialisers. */
  readonly parameters: number;
  readonly nodes: number;
  /** The most frequent first. */
  readonly operators: readonly OperatorCount[];
  readonly metadata: ModelMetadata;
  readonly externalData: readonly ExternalFile[];
  readonly findings: readonly Finding[];
}

/**
 * Makes the report on a model.
 *
 * @param path Where the file lies, for the external data beside it.
 * @throws ModelError MODEL_INVALID, MODEL_REFUSED
 */
export async function createReport(bytes: Uint8Array, model: string, path: string | undefined): Promise<Report> {
  const proto = readModel(bytes);
  const inspection = inspectModel(proto);
  const { irVersion, producer, opsets, signature, parameters, metadata } = inspection;
  const externalData = await externalFiles(inspection.externalData, path);
  return {
    model,
    bytes: bytes.byteLength,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    irVersion,
    producer,
    opsets,
    signature,
    parameters,
    nodes: inspection.nodes.length,
    operators: operatorsOf(inspection),
    metadata,
    externalData,
    findings: findingsOf({ bytes, inspection, externalData, functions: proto.functions.length }),
  };
}

function operatorsOf({ nodes }: Inspection): OperatorCount[] {
  const counts = new Map<string, OperatorCount>();
  for (const { opType, domain: given } of nodes) {
    const domain = given === "ai.onnx" ? "" : given;
    const key = `${domain}:${opType}`;
    counts.set(key, { domain, opType, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.opType.localeCompare(b.opType));
}
