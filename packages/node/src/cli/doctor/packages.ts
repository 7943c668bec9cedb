import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import manifest from "../../../package.json" with { type: "json" };

/** An optional package. */
export interface PackageReport {
  readonly name: string;
  /** Null where it is not installed. */
  readonly version: string | null;
  readonly wanted: string;
  /** What needs it. */
  readonly use: string;
  /** The command that installs it; null where it is there. */
  readonly install: string | null;
}

const uses: Readonly<Record<string, string>> = {
  "onnxruntime-node": "the devices cpu and cuda",
  "onnxruntime-web": "the device wasm",
  "@grpc/grpc-js": "@predikt/node/grpc, predikt serve --grpc-port",
  "@opentelemetry/api": "@predikt/node/otel",
  express: "@predikt/node/express",
  fastify: "@predikt/node/fastify",
  jose: "JSON Web Tokens of @predikt/node/access",
  "prom-client": "@predikt/node/metrics, /metrics of predikt serve",
  "rate-limiter-flexible": "limits shared by processes, of @predikt/node/access",
  sharp: "images",
  zod: "predikt.json of a repository",
};

/** Looks for the optional packages, where this package finds them or where an application in this folder would. */
export async function findPackages(): Promise<PackageReport[]> {
  const froms = [createRequire(import.meta.url), createRequire(pathToFileURL(join(process.cwd(), "any.js")))];
  return Promise.all(
    Object.entries(manifest.peerDependencies).map(async ([name, wanted]) => {
      const version = (await versionFrom(name, froms)) ?? null;
      return { name, version, wanted, use: uses[name] ?? "", install: version === null ? `npm install ${name}` : null };
    }),
  );
}

async function versionFrom(name: string, froms: readonly NodeJS.Require[]): Promise<string | undefined> {
  for (const from of froms) {
    // Its package.json need not be among its exports.
    for (const folder of from.resolve.paths(name) ?? []) {
      const file = join(folder, name, "package.json");
      if (existsSync(file)) return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
    }
  }
  return undefined;
}
