import type { Scenario } from "./scenario.ts";

/** A scenario of the Open Inference Protocol as a gRPC call. */
export interface InferCall {
  readonly method: string;
  readonly request: object;
  /** The reply in the form of the protocol's JSON. */
  readonly toJson: (reply: Reply) => unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: messages of every kind, as a client without types has them.
type Reply = any;
type Json = Readonly<Record<string, unknown>>;

interface Input {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: unknown;
}

const path = /^\/api\/v2\/?(?:models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|stats))?|health\/(live|ready))?$/;

/** The typed contents' field of each datatype. */
const fields: Readonly<Record<string, string>> = {
  BOOL: "bool_contents",
  UINT8: "uint_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
};

/** The scenario as a call over gRPC, where its request is one that messages can say. Else undefined. */
export function asInfer({ ask }: Scenario): InferCall | undefined {
  const { path: asked, body, method = body === undefined ? "GET" : "POST", headers = {} } = ask;
  const [found, name, version = "", action, health] = path.exec(asked) ?? [];
  if (found === undefined || Object.keys(headers).length > 0) return undefined;
  const model = { name, version };
  if (action === "infer") {
    if (method !== "POST" || !isInfer(body)) return undefined;
    return { method: "ModelInfer", request: inferRequest(name as string, version, body), toJson: inferJson };
  }
  if (method !== "GET") return undefined;
  if (health === "live") return { method: "ServerLive", request: {}, toJson: ({ live }) => ({ live, ready: true }) };
  if (health === "ready") return { method: "ServerReady", request: {}, toJson: ({ ready }) => ({ live: true, ready }) };
  if (action === "ready")
    return { method: "ModelReady", request: model, toJson: ({ ready }) => ({ name, ...(version === "" ? {} : { version }), ready }) };
  if (action === "stats") return undefined;
  if (name === undefined) return { method: "ServerMetadata", request: {}, toJson: serverJson };
  return { method: "ModelMetadata", request: model, toJson: modelJson };
}

/** JSON whose inputs are all typed as their datatype wants: what is not, no message can say. */
function isInfer(body: unknown): body is Json & { readonly inputs: readonly Input[] } {
  const { inputs } = (typeof body === "object" && body !== null && !(body instanceof Uint8Array) ? body : {}) as {
    readonly inputs?: unknown;
  };
  return Array.isArray(inputs) && inputs.every(({ datatype, data }: Input) => datatype in fields && Array.isArray(data));
}

function inferRequest(model_name: string, model_version: string, body: Json & { readonly inputs: readonly Input[] }): object {
  const {
    id = "",
    outputs = [],
    parameters = {},
  } = body as { readonly id?: string; readonly outputs?: readonly Json[]; readonly parameters?: Json };
  return {
    model_name,
    model_version,
    id,
    parameters: parametersOf(parameters),
    outputs: outputs.map(({ name, parameters: own = {} }) => ({ name, parameters: parametersOf(own as Json) })),
    inputs: body.inputs.map(({ data, ...input }) => ({
      ...input,
      contents: { [fields[input.datatype] as string]: (data as unknown[]).flat(Infinity) },
    })),
  };
}

function parametersOf(parameters: Json): object {
  const kinds: Readonly<Record<string, string>> = { number: "int64_param", string: "string_param", boolean: "bool_param" };
  return Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, { [kinds[typeof value] as string]: value }]));
}

function inferJson({ model_name, model_version, id, outputs }: Reply): unknown {
  const listed = outputs.map(({ name, datatype, shape, contents }: Reply) => {
    const data = contents[fields[datatype] as string].map((each: unknown) => (datatype === "BYTES" ? String(each) : Number(each)));
    return { name, datatype, shape: shape.map(Number), data };
  });
  return { ...(id === "" ? {} : { id }), model_name, model_version, outputs: listed };
}

/** The one extension that is about bodies over HTTP. */
function serverJson({ name, version, extensions }: Reply): unknown {
  return { name, version, extensions: ["binary_tensor_data", ...extensions] };
}

function modelJson({ properties: _none, inputs, outputs, ...rest }: Reply): unknown {
  const numbers = (list: readonly Reply[]): unknown => list.map((tensor) => ({ ...tensor, shape: tensor.shape.map(Number) }));
  return { ...rest, inputs: numbers(inputs), outputs: numbers(outputs) };
}
