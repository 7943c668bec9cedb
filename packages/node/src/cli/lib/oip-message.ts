import type { DType, Tensor } from "@predikt/core";

/** OIP's names of dtypes. Written here once more, and not taken from the server's own code: what checks a server should not share its mistakes. */
const datatypes: Readonly<Record<DType, string>> = {
  bool: "BOOL",
  uint8: "UINT8",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float16: "FP16",
  float32: "FP32",
  float64: "FP64",
  string: "BYTES",
};

/** OIP's name of a dtype. */
export function datatypeOf(dtype: DType): string {
  return datatypes[dtype];
}

/** The dtype with that name; undefined for one that no tensor has. */
export function dtypeOf(datatype: string): DType | undefined {
  const found = Object.entries(datatypes).find(([, name]) => name === datatype);
  return found?.[0] as DType | undefined;
}

/** A tensor's elements in OIP's binary form: little-endian, row-major; each string after its length in bytes. */
export function binaryOf({ type, data }: Tensor): Uint8Array {
  if (type !== "string") return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.byteLength);
      return [length, bytes];
    }),
  );
}

/** A tensor's elements as JSON has them. 64-bit integers must be exact as numbers. */
export function jsonDataOf({ type, data }: Tensor): unknown[] {
  return Array.from(data as ArrayLike<unknown>, (element) =>
    type === "bool" ? element === 1 : typeof element === "bigint" ? Number(element) : element,
  );
}

/** A body and its headers. */
export interface Message {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** A JSON body. */
export function jsonMessage(value: unknown): Message {
  return { body: Buffer.from(JSON.stringify(value)), headers: { "content-type": "application/json" } };
}

/** A body of JSON with binary tensors behind it. */
export function binaryMessage(value: unknown, parts: readonly Uint8Array[]): Message {
  const json = Buffer.from(JSON.stringify(value));
  const headers = { "content-type": "application/octet-stream", "inference-header-content-length": String(json.byteLength) };
  return { body: Buffer.concat([json, ...parts]), headers };
}

/** The inference request for tensors, as JSON or binary both ways. */
export function inferMessage(tensors: Readonly<Record<string, Tensor>>, binary: boolean): Message {
  const entries = Object.entries(tensors);
  const head = (name: string, tensor: Tensor) => ({ name, shape: tensor.dims, datatype: datatypeOf(tensor.type) });
  if (!binary) return jsonMessage({ inputs: entries.map(([name, tensor]) => ({ ...head(name, tensor), data: jsonDataOf(tensor) })) });
  const parts = entries.map(([, tensor]) => binaryOf(tensor));
  const inputs = entries.map(([name, tensor], i) => ({
    ...head(name, tensor),
    parameters: { binary_data_size: (parts[i] as Uint8Array).byteLength },
  }));
  return binaryMessage({ inputs, parameters: { binary_data_output: true } }, parts);
}
