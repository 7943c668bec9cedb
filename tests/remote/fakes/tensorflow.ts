import { type FakeModel, fakeModels, type Plain, type Value } from "./models.ts";

const names: Readonly<Record<string, string>> = { FP32: "DT_FLOAT", INT64: "DT_INT64", BOOL: "DT_BOOL", BYTES: "DT_STRING" };

/** A TensorFlow Serving model server's REST API, by its source: its replies and quirks, over arithmetic. Its JSON has no half floats. */
export class FakeTensorFlowServing {
  readonly seen: { readonly method: string; readonly path: string; readonly headers: Headers; readonly body: string }[] = [];
  state = "AVAILABLE";
  /** Answers in rows, as KServe's predictors of protocol v1 do, whatever they are asked in. */
  rows = false;

  readonly fetch = async (request: Request): Promise<Response> => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const body = await request.text();
    this.seen.push({ method: request.method, path, headers: request.headers, body });
    const matched = /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?:(:predict)|\/(metadata))?$/i.exec(path);
    if (matched === null) return failure(400, `Malformed request: ${request.method} ${path}`);
    const [, name = "", version, label, predict, metadata] = matched;
    const model = fakeModels[name];
    if (model === undefined) return failure(404, `Could not find any versions of model ${name}`);
    if (version !== undefined && version !== "123") return failure(404, `Servable not found for request: Specific(${name}, ${version})`);
    if (label !== undefined && label !== "stable") return failure(400, `Unrecognized servable version label: ${label}`);
    if (metadata !== undefined) return Response.json(metadataOf(name, model));
    if (predict === undefined)
      return Response.json({
        model_version_status: [{ version: "123", state: this.state, status: { error_code: "OK", error_message: "" } }],
      });
    return this.#predict(model, body);
  };

  #predict(model: FakeModel, body: string): Response {
    const { inputs, instances, signature_name: signature = "serving_default" } = JSON.parse(quoted(body)) as Record<string, unknown>;
    if (signature !== "serving_default") return failure(400, `Serving signature name: "${signature}" not found in signature def`);
    if (inputs === undefined && instances === undefined) return failure(400, "Missing 'inputs' or 'instances' key");
    const feeds: Record<string, Plain> = {};
    for (const [name, [datatype, shape]] of Object.entries(model.inputs)) {
      const given = (inputs as Record<string, unknown>)[name];
      const own: number[] = [];
      for (let level = given; Array.isArray(level); level = level[0]) own.push(level.length);
      const values = [given]
        .flat(99)
        .map((value) => (datatype === "INT64" ? BigInt(value as string) : datatype === "FP32" ? Number(value) : value));
      feeds[name] = { datatype, shape: values.length === 0 ? shape.map((dim) => Math.max(0, dim)) : own, values: values as Value[] };
    }
    let outputs: Record<string, Plain>;
    try {
      outputs = model.run(feeds);
    } catch (error) {
      return failure(400, (error as Error).message);
    }
    const texts = Object.entries(outputs).map(([name, tensor]) => [name, nested(name, tensor)] as const);
    const lone = texts.length === 1 ? texts[0]?.[1] : undefined;
    const columns = lone ?? `{${texts.map(([name, text]) => `"${name}": ${text}`).join(",")}}`;
    const json = this.rows ? `{"predictions": ${lone ?? rowsOf(texts)}}` : `{"outputs": ${columns}\n}`;
    return new Response(json, { headers: { "content-type": "application/json" } });
  }
}

function failure(status: number, error: string): Response {
  return new Response(JSON.stringify({ error }), { status, headers: { "content-type": "application/json" } });
}

/** The JSON form of protobuf: 64-bit integers are strings. */
function metadataOf(name: string, { inputs, outputs }: FakeModel): object {
  const infos = (all: FakeModel["inputs"]): object =>
    Object.fromEntries(
      Object.entries(all).map(([tensor, [datatype, shape]]) => {
        const dim = shape.map((size) => ({ size: String(size), name: "" }));
        return [tensor, { dtype: names[datatype] ?? "DT_HALF", tensor_shape: { dim, unknown_rank: false }, name: `${tensor}:0` }];
      }),
    );
  const signature = { inputs: infos(inputs), outputs: infos(outputs), method_name: "tensorflow/serving/predict", defaults: {} };
  const empty = {
    inputs: {},
    outputs: { __saved_model_init_op: { dtype: "DT_INVALID", tensor_shape: { dim: [], unknown_rank: true }, name: "NoOp" } },
  };
  return {
    model_spec: { name, signature_name: "", version: "123" },
    metadata: { signature_def: { signature_def: { __saved_model_init_op: empty, serving_default: signature } } },
  };
}

function quoted(text: string): string {
  return text.replaceAll(/(?<=[[,:])(-?Infinity|NaN|-?\d{16,})(?=[\],}])/g, '"$1"');
}

function nested(name: string, { shape, values, datatype }: Plain): string {
  // Only the name tells that strings are bytes.
  const text = (value: Value): string => {
    if (datatype !== "BYTES") return datatype === "FP32" && Number.isInteger(value) ? `${value}.0` : String(value);
    return name.endsWith("_bytes") ? `{"b64": "${Buffer.from(String(value)).toString("base64")}"}` : JSON.stringify(value);
  };
  const nest = (axis: number, part: readonly Value[]): string => {
    if (axis === shape.length) return text(part[0] as Value);
    const count = shape[axis] as number;
    const stride = count === 0 ? 0 : part.length / count;
    return `[${Array.from({ length: count }, (_, i) => nest(axis + 1, part.slice(i * stride, (i + 1) * stride))).join(", ")}]`;
  };
  return nest(0, values);
}

function rowsOf(texts: readonly (readonly [string, string])[]): string {
  const columns = texts.map(([name, text]) => [name, JSON.parse(quoted(text.replaceAll(" ", ""))) as unknown[]] as const);
  const count = columns[0]?.[1].length ?? 0;
  const rows = Array.from({ length: count }, (_, i) => Object.fromEntries(columns.map(([name, list]) => [name, list[i]])));
  return JSON.stringify(rows);
}
