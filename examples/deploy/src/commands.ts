import { readFileSync } from "node:fs";
import { DockerfileParser } from "dockerfile-ast";
import { parse, parseAllDocuments } from "yaml";

/** A command line of `predikt` that one of the files starts. */
export interface Command {
  readonly where: string;
  readonly args: readonly string[];
}

interface Container {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const dockerfile = DockerfileParser.parse(text("image/Dockerfile"));

/** What the image runs, after `predikt`. */
export const imageArgs: readonly string[] = list(dockerfile.getCMDs()[0]?.getArgumentsContent());

/** The image's health check, after `node`. */
export const healthCheck: readonly string[] = list(/\[.*\]/s.exec(dockerfile.getHEALTHCHECKs()[0]?.getArgumentsContent() ?? "")?.[0]).slice(
  1,
);

/** What KServe's runtime runs, after `predikt`. */
export const runtimeArgs: readonly string[] = kserveContainer().args ?? [];

/** What every file starts. Where a container says nothing, it is the image's own. */
export function commands(): Command[] {
  const compose = parse(text("compose.yaml")) as { services: Record<string, { command?: readonly string[] }> };
  const pods = parseAllDocuments(text("kubernetes/predikt.yaml"))
    .map((document) => document.toJS() as { kind: string; spec: { template: { spec: { containers: Container[] } } } })
    .filter(({ kind }) => kind === "Deployment");
  return [
    { where: "Dockerfile", args: imageArgs },
    ...Object.values(compose.services).map(({ command }) => ({ where: "compose.yaml", args: command ?? imageArgs })),
    ...pods.flatMap(({ spec }) => spec.template.spec.containers.map(({ args }) => ({ where: "predikt.yaml", args: args ?? imageArgs }))),
    { where: "serving-runtime.yaml", args: runtimeArgs },
  ];
}

/** Every path that a probe of Kubernetes or KServe asks, and that Prometheus does. */
export function askedPaths(): string[] {
  const all = `${text("kubernetes/predikt.yaml")}\n${text("kserve/serving-runtime.yaml")}`;
  const paths = [...all.matchAll(/httpGet: \{ path: ([^,]+),|prometheus\.io\/path: (\S+)/g)].map(([, probe, scrape]) => probe ?? scrape);
  return [...new Set(paths as string[])];
}

function kserveContainer(): Container {
  const runtime = parse(text("kserve/serving-runtime.yaml")) as { spec: { containers: readonly [Container] } };
  return runtime.spec.containers[0];
}

function list(json: string | null | undefined): string[] {
  return JSON.parse(json ?? "[]") as string[];
}
