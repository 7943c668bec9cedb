import { create } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { ModelError } from "../errors/index.ts";
import { rawBytes } from "./data-type.ts";
import type { GraphProto, ModelProto, TensorProto } from "./proto.ts";
import { walkTensors } from "./walk.ts";

/** A tensor whose elements lie in another file. */
export interface ExternalTensor {
  readonly tensor: string;
  /** Path relative to the model's folder, with `/`. */
  readonly location: string;
  /** First byte. */
  readonly offset: number;
  /** Bytes; undefined means up to the file's end. */
  readonly length: number | undefined;
  /** Bytes that the tensor's type and dims need; undefined where that cannot be known. */
  readonly needed: number | undefined;
}

/** Keys that onnx's ExternalData.md names. Readers have been tricked with others. */
const known = ["location", "offset", "length", "checksum"];

/** What a tensor says of its external data. @throws ModelError MODEL_REFUSED, MODEL_INVALID where that cannot be meant well */
export function externalTensor(tensor: TensorProto): ExternalTensor {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const refuse = (reason: string): ModelError =>
    new ModelError("MODEL_REFUSED", `the external data of tensor "${tensor.name}": ${reason}`, { details: { tensor: tensor.name } });
  const stranger = [...entries.keys()].find((key) => !known.includes(key));
  if (stranger !== undefined || entries.size !== tensor.externalData.length)
    throw refuse(`expected each of ${known.join(", ")} once at most, got others`);
  const location = entries.get("location") ?? "";
  const problem = locationProblem(location);
  if (problem !== undefined) throw refuse(`location ${JSON.stringify(location.slice(0, 200))} ${problem}`);
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw refuse(`expected ${key} to be a whole number of bytes, got something else`);
    return Number(text);
  };
  const count = tensor.dims.reduce((size, dim) => size * Number(dim), 1);
  const needed = rawBytes(tensor.dataType, count);
  const length = number("length");
  if (length !== undefined && needed !== undefined && length !== needed)
    throw refuse(`expected a length of ${needed} bytes, got ${length}`);
  return { tensor: tensor.name, location, offset: number("offset") ?? 0, length, needed };
}

/** Why a location cannot be a file of the model's own folder. */
function locationProblem(location: string): string | undefined {
  if (location === "") return "is empty";
  if (/[\0\\*]/.test(location) || /^[a-z]:/i.test(location)) return "is not a plain relative path";
  if (location.startsWith("/")) return "is absolute";
  const parts = location.split("/");
  if (parts.includes("..")) return "leads out of the model's folder";
  return undefined;
}

/**
 * The model with its external data inside, in place: each such initialiser becomes a view of its file.
 *
 * @param files Contents by location.
 * @throws ModelError MODEL_NOT_FOUND for a location that is not given, MODEL_INVALID where a file is too short, MODEL_REFUSED
 */
export function inlineExternalData(model: ModelProto, files: Readonly<Record<string, Uint8Array>>): ModelProto {
  for (const tensor of walkTensors(model)) {
    if (tensor.dataLocation !== 1) continue;
    const external = externalTensor(tensor);
    const { location, offset } = external;
    const file = Object.hasOwn(files, location) ? files[location] : undefined;
    if (file === undefined)
      throw new ModelError("MODEL_NOT_FOUND", `no external data was given for ${JSON.stringify(location)}`, { details: { location } });
    tensor.rawData = new Uint8Array(file.buffer, file.byteOffset + offset, externalBytes(external, file.byteLength));
    tensor.externalData = [];
    tensor.dataLocation = 0;
  }
  return model;
}

/**
 * Moves the larger initialisers of the model's own graph into one file, in place, and gives that file. Offsets are multiples of 4096, so that a
 * runtime can map them.
 *
 * @param options.location Name of the file, for the model. It lies in the model's folder.
 * @param options.minBytes Initialisers of fewer bytes stay in the model. Default: 1024.
 */
export function extractExternalData(
  model: ModelProto,
  options: { readonly location: string; readonly minBytes?: number | undefined },
): Uint8Array {
  const { location, minBytes = 1024 } = options;
  const graph = model.graph as GraphProto;
  const moved = graph.initializer.filter(({ rawData }) => rawData.byteLength >= minBytes);
  let end = 0;
  const offsets = moved.map(({ rawData }) => {
    const offset = Math.ceil(end / 4096) * 4096;
    end = offset + rawData.byteLength;
    return offset;
  });
  const file = new Uint8Array(end);
  for (const [i, tensor] of moved.entries()) {
    const entries = { location, offset: offsets[i], length: tensor.rawData.byteLength };
    file.set(tensor.rawData, offsets[i]);
    const { name, dims, dataType } = tensor;
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }));
    graph.initializer[graph.initializer.indexOf(tensor)] = create(TensorProtoSchema, {
      name,
      dims,
      dataType,
      dataLocation: 1,
      externalData,
    }) as unknown as TensorProto;
  }
  return file;
}

/** How many bytes a tensor takes of a file of that size. @throws ModelError MODEL_INVALID where they are not there, or are not what its dims need */
export function externalBytes({ tensor, location, offset, length, needed }: ExternalTensor, fileBytes: number): number {
  const bytes = length ?? fileBytes - offset;
  if (offset + (needed ?? bytes) <= fileBytes && bytes >= (needed ?? 0)) return needed ?? bytes;
  const end = offset + (needed ?? length ?? 0);
  throw new ModelError(
    "MODEL_INVALID",
    `external data ${JSON.stringify(location)} of tensor "${tensor}": expected ${end} bytes or more, got ${fileBytes}`,
    {
      details: { tensor, location },
    },
  );
}
