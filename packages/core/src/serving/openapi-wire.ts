import type { JsonSchema } from "./json-schema.ts";
import { errorRefs } from "./openapi-parts.ts";
import { binaryType, jsonType } from "./wire/index.ts";
import { headerLengthName } from "./wire/oip/index.ts";
import type { WireRoute } from "./wire-routes.ts";

const parameters: JsonSchema = { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } };
const named = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

const tensor: JsonSchema = {
  type: "object",
  properties: {
    name: { type: "string" },
    datatype: { enum: ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"] },
    shape: { type: "array", items: { type: "integer", minimum: 0 } },
    parameters: { ...parameters, description: "binary_data_size: its bytes behind the JSON, which then has no data" },
    data: { description: "Elements, flat in row-major order or nested in the shape" },
  },
  required: ["name", "datatype", "shape"],
};

/** Keys as no model's can be: those have a dot before their end. */
const schemas: Readonly<Record<string, readonly [tag: string, schema: JsonSchema]>> = {
  OipTensor: ["oip", tensor],
  OipRequest: [
    "oip",
    {
      type: "object",
      properties: {
        id: { type: "string" },
        parameters: { ...parameters, description: "priority (1 is high, 2 normal, 3 low), timeout (microseconds), binary_data_output" },
        inputs: { type: "array", items: named("OipTensor") },
        outputs: {
          type: "array",
          items: {
            type: "object",
            properties: { name: { type: "string" }, parameters: { ...parameters, description: "binary_data, classification" } },
            required: ["name"],
          },
        },
      },
      required: ["inputs"],
    },
  ],
  OipReply: [
    "oip",
    {
      type: "object",
      properties: {
        id: { type: "string" },
        model_name: { type: "string" },
        model_version: { type: "string" },
        outputs: { type: "array", items: named("OipTensor") },
      },
      required: ["model_name", "model_version", "outputs"],
    },
  ],
  TfRequest: [
    "tf",
    {
      type: "object",
      properties: { signature_name: { enum: ["", "serving_default"] }, instances: { type: "array", minItems: 1 }, inputs: {} },
      oneOf: [{ required: ["instances"] }, { required: ["inputs"] }],
    },
  ],
  TfReply: ["tf", { type: "object", properties: { predictions: { type: "array" }, outputs: {} } }],
};

/** The paths of the wire protocols' routes, and the schemas that they refer to. */
export function wirePaths(routes: readonly WireRoute[]): {
  readonly paths: Record<string, object>;
  readonly schemas: Record<string, JsonSchema>;
} {
  const paths = Object.fromEntries(routes.map((route) => [route.path, { [route.method.toLowerCase()]: operation(route) }]));
  const used = Object.entries(schemas).filter(([, [prefix]]) => routes.some(({ id }) => id.startsWith(prefix)));
  return { paths, schemas: Object.fromEntries(used.map(([name, [, schema]]) => [name, schema])) };
}

function operation({ tag, path, id, purpose }: WireRoute): object {
  const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const infer = id.startsWith("oipInfer");
  const predict = id.startsWith("tfPredict");
  const raw = { [binaryType]: { schema: { type: "string", contentMediaType: binaryType } } };
  const header = {
    name: headerLengthName,
    in: "header",
    description: "Bytes of the JSON before the binary tensors; 0 where the whole body is the only input",
    schema: { type: "integer", minimum: 0 },
  };
  const body = (name: string): object => ({ [jsonType]: { schema: named(name) }, ...(infer ? raw : {}) });
  return {
    operationId: id,
    tags: [tag],
    summary: purpose,
    parameters: infer ? [...variables, header] : variables,
    ...(infer || predict ? { requestBody: { required: true, content: body(infer ? "OipRequest" : "TfRequest") } } : {}),
    responses: {
      200: {
        description: "As asked",
        content: infer || predict ? body(infer ? "OipReply" : "TfReply") : { [jsonType]: { schema: {} } },
      },
      ...errorRefs,
    },
  };
}
