import { type FakeModel, fakeModels, type Plain, type Value } from "./models.ts";

/** A request that a fake has seen. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** The JSON of an infer request. */
  readonly json?: InferRequest | undefined;
}

interface InferRequest {
  readonly id?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data?: unknown;
    readonly parameters?: { readonly binary_data_size?: number };
  }[];
}

/** A Triton inference server's HTTP endpoint, by its source: its replies, headers and quirks, over arithmetic. */
export class FakeTriton {
  readonly seen: Seen[] = [];
  /** As `--model-control` would have it. */
  ready = true;
  /** What to answer to the next infer requests instead. */
  readonly instead: Response[] = [];
  /** Without it, what GET /v2 tells lacks the extension, and JSON is all there is. */
  binary = true;

  readonly fetch = async (request: Request): Promise<Response> => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const body = new Uint8Array(await request.arrayBuffer());
    const seen: { -readonly [Key in keyof Seen]: Seen[Key] } = { method: request.method, path, headers: request.headers, body };
    this.seen.push(seen);
    if (path === "/v2") return this.#server();
    // Empty bodies: clients look at the status.
    if (path === "/v2/health/live") return new Response(null, { status: 200 });
    if (path === "/v2/health/ready") return new Response(null, { status: this.ready ? 200 : 400 });
    const [, name = "", version, operation] =
      /^\/v2\/models\/([^/]+)(?:\/versions\/([0-9]+))?(?:\/(infer|ready|config))?$/.exec(path) ?? [];
    if (name === "") return failure(404, "");
    const model = fakeModels[name];
    if (model === undefined || (version !== undefined && version !== "3"))
      return failure(
        404,
        model === undefined
          ? `Request for unknown model: '${name}' is not found`
          : `Request for unknown model: '${name}' version ${version} is not found`,
      );
    if (operation === "ready") return this.ready ? new Response(null, { status: 200 }) : failure(400, "Model version not ready");
    if (operation === undefined) return Response.json(metadata(name, model));
    if (!this.ready) return failure(503, `Request for unknown model: '${name}' has no available versions`);
    const instead = this.instead.shift();
    if (instead !== undefined) return instead;
    try {
      const length = Number(request.headers.get("inference-header-content-length") ?? body.byteLength);
      const json = JSON.parse(quoted(new TextDecoder().decode(body.subarray(0, length)))) as InferRequest;
      seen.json = json;
      return await this.#infer(name, model, json, body.subarray(length));
    } catch (error) {
      if (error instanceof Response) return error;
      throw error;
    }
  };

  #server(): Response {
    const extensions = ["classification", "sequence", "model_repository", "schedule_policy", "model_configuration", "system_shared_memory"];
    if (this.binary) extensions.push("binary_tensor_data");
    return Response.json({
      name: "triton",
      version: "2.62.0",
      extensions: [...extensions, "parameters", "statistics", "trace", "logging"],
    });
  }

  async #infer(name: string, model: FakeModel, { id, parameters = {}, inputs }: InferRequest, rest: Uint8Array): Promise<Response> {
    let at = 0;
    const feeds: Record<string, Plain> = {};
    for (const { name: input, datatype, shape, data, parameters: own } of inputs) {
      if (model.inputs[input]?.[0] !== datatype) throw failure(400, `inference input '${input}' data-type is '${datatype}'`);
      const size = own?.binary_data_size;
      if (size === undefined && datatype === "FP16")
        throw failure(400, `sending FP16 data via JSON is not supported. Please use the binary data format for input ${input}`);
      const values = size === undefined ? (data as Value[][]).flat(99) : unpack(datatype, rest.subarray(at, at + size));
      at += size ?? 0;
      // A wart of Triton's: the client's mistake is its own failure.
      if (values.length !== shape.reduce((a, b) => a * b, 1)) throw failure(500, "Shape does not match true shape of 'data' field");
      feeds[input] = { datatype, shape, values: values.map((value) => (datatype === "INT64" ? BigInt(value) : value)) as Value[] };
    }
    if (at < rest.byteLength) throw failure(400, `unexpected additional input data for model '${name}'`);
    let outputs: Record<string, Plain>;
    try {
      outputs = model.run(feeds);
    } catch (error) {
      throw failure(500, `onnx runtime error 2: ${(error as Error).message}`);
    }
    const parts: Uint8Array[] = [];
    const texts = Object.entries(outputs).map(([output, { datatype, shape, values }]) => {
      const head = `{"name":"${output}","datatype":"${datatype}","shape":[${shape.join(",")}]`;
      if (parameters["binary_data_output"] !== true) {
        if (datatype === "FP16")
          throw failure(400, `sending FP16 data via JSON is not supported. Please use the binary data format for output ${output}`);
        // Flat, always; NaN and the infinities are bare words.
        return `${head},"data":[${values.map((value) => (datatype === "BYTES" ? JSON.stringify(value) : String(value))).join(",")}]}`;
      }
      parts.push(pack(datatype, values));
      return `${head},"parameters":{"binary_data_size":${(parts.at(-1) as Uint8Array).byteLength}}}`;
    });
    // An empty id is left out; the version is a string.
    const given = id === undefined || id === "" ? "" : `"id":${JSON.stringify(id)},`;
    const json = `{${given}"model_name":"${name}","model_version":"3","outputs":[${texts.join(",")}]}`;
    const binary = Buffer.concat(parts);
    if (binary.byteLength === 0) return new Response(json, { headers: { "content-type": "application/json" } });
    const length = Buffer.byteLength(json);
    const headers = { "content-type": "application/octet-stream", "inference-header-content-length": String(length) };
    // The JSON is not padded: the tensors lie where they fall.
    return new Response(Buffer.concat([Buffer.from(json), binary]), { headers });
  }
}

function failure(status: number, error: string): Response {
  return new Response(JSON.stringify({ error }), { status, headers: { "content-type": "application/json" } });
}

function metadata(name: string, { inputs, outputs }: FakeModel): object {
  const list = (all: FakeModel["inputs"]): object[] =>
    Object.entries(all).map(([tensor, [datatype, shape]]) => ({ name: tensor, datatype, shape }));
  return { name, versions: ["3"], platform: "onnxruntime_onnx", inputs: list(inputs), outputs: list(outputs) };
}

/** rapidjson takes the bare words; digits beyond a number's stay digits. */
function quoted(text: string): string {
  return text.replaceAll(/(?<=[[,:])(-?Infinity|NaN|-?\d{16,})(?=[\],}])/g, '"$1"');
}

function unpack(datatype: string, bytes: Uint8Array): Value[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: Value[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    if (datatype === "BYTES") {
      const size = view.getUint32(at, true);
      values.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at + 4, at + 4 + size)));
      at += 4 + size;
    } else if (datatype === "INT64") {
      values.push(view.getBigInt64(at, true));
      at += 8;
    } else if (datatype === "FP32") {
      values.push(view.getFloat32(at, true));
      at += 4;
    } else if (datatype === "FP16") {
      values.push(view.getUint16(at, true));
      at += 2;
    } else values.push(view.getUint8(at++) === 1);
  }
  return values;
}

function pack(datatype: string, values: readonly Value[]): Uint8Array {
  return Buffer.concat(
    values.map((value) => {
      if (datatype === "BYTES") {
        const text = Buffer.from(String(value));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.byteLength);
        return Buffer.concat([length, text]);
      }
      const bytes = Buffer.alloc({ INT64: 8, FP32: 4, FP16: 2 }[datatype] ?? 1);
      if (datatype === "INT64") bytes.writeBigInt64LE(value as bigint);
      else if (datatype === "FP32") bytes.writeFloatLE(Number(value));
      else if (datatype === "FP16") bytes.writeUInt16LE(Number(value));
      else bytes.writeUInt8(Number(value));
      return bytes;
    }),
  );
}
