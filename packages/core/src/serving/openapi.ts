import type { AnyPredictor, ServedModel } from "../types/index.ts";
import type { Site } from "./documents.ts";
import { shortExample } from "./example.ts";
import { type JsonSchema, schemasOf } from "./json-schema.ts";
import {
  binaryParameters,
  errorRefs,
  errorResponses,
  errorSchema,
  parameters,
  refsOf,
  replyHeaders,
  servicePaths,
} from "./openapi-parts.ts";
import { wirePaths } from "./openapi-wire.ts";
import { binaryType, jsonType } from "./wire/index.ts";
import { wireRoutes } from "./wire-routes.ts";

/** An OpenAPI 3.1 document of everything a handler serves. */
export function openApi(site: Site, serverUrl: string): object {
  const served = site.resolver.list();
  const schemas: Record<string, JsonSchema> = { Error: errorSchema };
  const paths: Record<string, object> = {};
  const firsts = served.filter((model, index) => served.findIndex((other) => other.name === model.name) === index);
  for (const model of firsts) {
    const draft: Draft = { paths, schemas, serverUrl };
    const versions = served.filter((other) => other.name === model.name);
    const alike = versions.filter((other) => sameSchemas(model.predictor, other.predictor));
    addModel(draft, model, alike, model.name === site.defaultName);
    for (const other of versions) if (!alike.includes(other)) addVersion(draft, other);
  }
  const routes = wireRoutes(site.wire, site.resolver);
  const wire = wirePaths(routes);
  return {
    openapi: "3.1.0",
    info: { title: site.title, version: "1", description: "Typed predictions from trained models." },
    servers: [{ url: serverUrl === "" ? "/" : serverUrl }],
    tags: [
      ...firsts.map(({ name }) => ({ name })),
      { name: "service" },
      ...[...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    ],
    paths: { ...paths, ...servicePaths, ...wire.paths },
    components: { schemas: { ...schemas, ...wire.schemas }, parameters: { ...parameters, ...binaryParameters }, responses: errorResponses },
  };
}

/** What is being written. */
interface Draft {
  readonly paths: Record<string, object>;
  readonly schemas: Record<string, JsonSchema>;
  readonly serverUrl: string;
}

/** One model's part of every operation on it. */
interface Parts {
  readonly name: string;
  readonly predictor: AnyPredictor;
  readonly input: object;
  readonly output: object;
  /** The `example` or `examples` of one item, and of a batch. */
  readonly example: object;
  readonly examples: object;
}

/** A model, with its versions that take and give the same. */
function addModel(draft: Draft, model: ServedModel, versions: readonly ServedModel[], isDefault: boolean): void {
  const { paths } = draft;
  const at = `/predict/${encodeURIComponent(model.name)}`;
  const { key, parts } = describe(draft, model, model.name, `${draft.serverUrl}/models/${encodeURIComponent(model.name)}/example`);
  const one = (id: string, extra: readonly object[] = []): object => ({ post: operation(`${id}.${key}`, parts, extra) });
  const many = (id: string, extra: readonly object[] = []): object => ({ post: batchOperation(`${id}.${key}`, parts, extra) });
  const version = { name: "version", in: "path", required: true, schema: { type: "string", enum: versions.map((each) => each.version) } };
  const label = { name: "label", in: "path", required: true, schema: { type: "string", enum: versions.flatMap((each) => each.labels) } };
  if (isDefault) paths["/predict"] = one("predictDefault");
  paths[at] = one("predict");
  paths[`${at}/batch`] = many("predictBatch");
  paths[`${at}/versions/{version}`] = one("predictVersion", [version]);
  paths[`${at}/versions/{version}/batch`] = many("predictVersionBatch", [version]);
  paths[`${at}/labels/{label}`] = one("predictLabel", [label]);
  paths[`${at}/labels/{label}/batch`] = many("predictLabelBatch", [label]);
}

/** A version with schemas of its own has paths of its own: OpenAPI puts them before those with a variable. */
function addVersion(draft: Draft, model: ServedModel): void {
  const at = `/predict/${encodeURIComponent(model.name)}`;
  const { key, parts } = describe(draft, model, `${model.name}.${model.version}`);
  const add = (path: string, id: string, end = ""): void => {
    draft.paths[path] = { post: operation(`${id}.${key}${end}`, parts, []) };
    draft.paths[`${path}/batch`] = { post: batchOperation(`${id}Batch.${key}${end}`, parts, []) };
  };
  add(`${at}/versions/${encodeURIComponent(model.version)}`, "predictVersion");
  for (const label of model.labels) add(`${at}/labels/${encodeURIComponent(label)}`, "predictLabel", `.${label}`);
}

/** Puts a model's schemas into the document, under a key that is free. `address` is where its example stands. */
function describe({ schemas }: Draft, { name, predictor }: ServedModel, wanted: string, address?: string): { key: string; parts: Parts } {
  const key = freeKey(schemas, wanted);
  const refs = { input: { $ref: `#/components/schemas/${key}.input` }, output: { $ref: `#/components/schemas/${key}.output` } };
  const { input, output } = schemasOf(predictor);
  schemas[`${key}.input`] = rebase(input, refs.input.$ref) as JsonSchema;
  schemas[`${key}.output`] = rebase(output, refs.output.$ref) as JsonSchema;
  return { key, parts: { name, predictor, ...refs, ...exampleParts(predictor, address) } };
}

function sameSchemas(a: AnyPredictor, b: AnyPredictor): boolean {
  return a === b || JSON.stringify([schemasOf(a), a.info.signature]) === JSON.stringify([schemasOf(b), b.info.signature]);
}

function exampleParts(predictor: AnyPredictor, address: string | undefined): Pick<Parts, "example" | "examples"> {
  const text = shortExample(predictor);
  if (text === undefined && address === undefined) return { example: {}, examples: {} };
  if (text === undefined)
    return { example: { examples: { example: { summary: "Too long to stand here", externalValue: address } } }, examples: {} };
  const example = JSON.parse(text) as unknown;
  return { example: { example }, examples: { example: [example, example] } };
}

function operation(operationId: string, { name, predictor, input, output, example }: Parts, extra: readonly object[]): object {
  const { inputs, outputs } = predictor.info.signature;
  const raw = { schema: { type: "string", contentMediaType: binaryType, description: "Row-major elements, little-endian" } };
  const binary = inputs.length === 1;
  return {
    operationId,
    tags: [name],
    summary: `Predict one item with ${name}`,
    parameters: [...extra, ...refsOf(binary ? { ...parameters, ...binaryParameters } : parameters)],
    requestBody: { required: true, content: { [jsonType]: { schema: input, ...example }, ...(binary ? { [binaryType]: raw } : {}) } },
    responses: {
      200: {
        description: "The prediction",
        headers: replyHeaders,
        content: { [jsonType]: { schema: output }, ...(outputs.length === 1 ? { [binaryType]: raw } : {}) },
      },
      ...errorRefs,
    },
  };
}

function batchOperation(operationId: string, { name, input, output, examples }: Parts, extra: readonly object[]): object {
  const item = { oneOf: [{ type: "object", properties: { output }, required: ["output"] }, { $ref: "#/components/schemas/Error" }] };
  return {
    operationId,
    tags: [name],
    summary: `Predict several items with ${name}; each succeeds or fails on its own`,
    parameters: [...extra, ...refsOf(parameters)],
    requestBody: { required: true, content: { [jsonType]: { schema: { type: "array", items: input }, ...examples } } },
    responses: {
      200: {
        description: "One result for each item, in order",
        headers: replyHeaders,
        content: { [jsonType]: { schema: { type: "array", items: item } } },
      },
      ...errorRefs,
    },
  };
}

/** References inside an embedded schema count from the whole document, not from the schema. */
function rebase(value: unknown, root: string): unknown {
  if (Array.isArray(value)) return value.map((item) => rebase(item, root));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string" && /^#(\/|$)/.test(inner) ? root + inner.slice(1) : rebase(inner, root),
    ]),
  );
}

function freeKey(schemas: Readonly<Record<string, unknown>>, name: string): string {
  const safe = name.replace(/[^\w.-]/g, "_");
  let key = safe;
  for (let n = 2; `${key}.input` in schemas; n++) key = `${safe}_${n}`;
  return key;
}
