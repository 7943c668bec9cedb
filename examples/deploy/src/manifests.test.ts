import { readFileSync } from "node:fs";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { Deployment } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Pod, Service } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { inferenceService, servingRuntime } from "./kserve.ts";
import { unread } from "./unread.ts";

const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Kinds by name, each with the schema of the Kubernetes API. */
const kinds: Readonly<Record<string, { readonly prototype: { validate(): void } }>> = {
  Deployment,
  Service,
  HorizontalPodAutoscaler,
  PodDisruptionBudget,
  Pod,
};

/** The fields that the API would drop without a word. Throws where it would refuse the manifest. */
function dropped(manifest: Manifest): string[] {
  const Kind = kinds[manifest.kind];
  if (Kind === undefined) throw new Error(`no schema for ${manifest.kind}`);
  return unread(manifest, (watched) => Kind.prototype.validate.call(watched));
}

describe("Kubernetes", () => {
  const manifests = parseAllDocuments(text("kubernetes/predikt.yaml")).map((document) => document.toJS() as Manifest);
  const find = <T>(kind: string): T => manifests.find((manifest) => manifest.kind === kind) as T;

  it("has a deployment, a service, a scaler and a budget", () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"]);
  });

  it.each(manifests.map((manifest) => [manifest.kind, manifest] as const))("would take the %s", (_kind, manifest) =>
    expect(dropped(manifest)).toEqual([]),
  );

  it("would not take a field that it does not know, nor one of another type", () => {
    const deployment = find<{ spec: { template: { spec: { containers: Record<string, unknown>[] } } } } & Manifest>("Deployment");
    const misspelt = structuredClone(deployment);
    Object.assign(misspelt.spec.template.spec.containers[0] as object, { readynessProbe: {} });
    expect(dropped(misspelt)).toEqual(["/spec/template/spec/containers/0/readynessProbe"]);
    const wrong = structuredClone(deployment);
    Object.assign(wrong.spec, { replicas: "2" });
    expect(() => dropped(wrong)).toThrow("replicas");
  });

  it("selects the pods that it makes, in all of them", () => {
    const label = { "app.kubernetes.io/name": "predikt" };
    const { spec } = find<InstanceType<typeof Deployment>>("Deployment");
    expect(spec?.selector.matchLabels).toEqual(label);
    expect(spec?.template.metadata?.labels).toEqual(label);
    expect(find<InstanceType<typeof Service>>("Service").spec?.selector).toEqual(label);
    expect(find<InstanceType<typeof PodDisruptionBudget>>("PodDisruptionBudget").spec?.selector?.matchLabels).toEqual(label);
    expect(find<InstanceType<typeof HorizontalPodAutoscaler>>("HorizontalPodAutoscaler").spec?.scaleTargetRef.name).toBe("predikt");
  });
});

describe("KServe", () => {
  const runtime = servingRuntime.parse(parse(text("kserve/serving-runtime.yaml")));
  const service = inferenceService.parse(parse(text("kserve/inference-service.yaml")));

  it("would take the runtime's containers as those of a pod", () => {
    const { containers } = runtime.spec;
    expect(dropped({ apiVersion: "v1", kind: "Pod", metadata: { name: "pod" }, spec: { containers } } as Manifest)).toEqual([]);
    expect(containers.map(({ name }) => name)).toEqual(["kserve-container"]);
  });

  it("finds the runtime for the service's format and protocol", () => {
    const { model } = service.spec.predictor;
    expect(model.runtime).toBe(runtime.metadata.name);
    expect(runtime.spec.supportedModelFormats).toContainEqual(expect.objectContaining(model.modelFormat));
    expect(runtime.spec.protocolVersions).toContain(model.protocolVersion);
  });
});

describe("the image", () => {
  it("installs pinned versions, also of what /metrics and a predikt.json need", () => {
    const { dependencies } = JSON.parse(text("image/package.json")) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies)).toEqual(["@predikt/core", "@predikt/node", "onnxruntime-node", "prom-client", "zod"]);
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  const file = DockerfileParser.parse(text("image/Dockerfile"));

  it("is made by instructions that are right", () => {
    expect(validate(text("image/Dockerfile"))).toEqual([]);
  });

  it("does not run as root, and starts the server without a shell in between", () => {
    const [entrypoint] = file.getENTRYPOINTs();
    const [command] = file.getCMDs();
    const users = file.getInstructions().filter((instruction) => instruction.getKeyword() === "USER");
    expect(users.at(-1)?.getArgumentsContent()).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(JSON.parse(entrypoint?.getArgumentsContent() ?? "")).toEqual(["node_modules/.bin/predikt"]);
    expect(JSON.parse(command?.getArgumentsContent() ?? "")[0]).toBe("serve");
  });
});
