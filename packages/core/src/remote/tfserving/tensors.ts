import { protocolError } from "../../http/send.ts";
import { isObject } from "../../runtime/option-rules.ts";
import { decodeText, parseTolerantJson } from "../../serving/wire/index.ts";
import { nested, slicer, tensorFromNested } from "../../serving/wire/tfserving/index.ts";
import type { Signature, TensorSpec, Tensors } from "../../types/index.ts";
import { objectOf } from "../reply-fault.ts";

/**
 * The body of a `:predict` request, in the column format, which takes inputs of any shapes. 64-bit integers are written digit by digit; NaN and the
 * infinities are the bare words that TensorFlow Serving takes.
 */
export function predictBody(feeds: Tensors, signatureName: string | undefined): string {
  const inputs = Object.entries(feeds).map(([name, tensor]) => {
    const slice = slicer(name, tensor, "token");
    return `${JSON.stringify(name)}:${nested(slice, tensor.dims, 0, tensor.data.length)}`;
  });
  const signature = signatureName === undefined ? "" : `"signature_name":${JSON.stringify(signatureName)},`;
  return `{${signature}"inputs":{${inputs.join(",")}}}`;
}

/** The outputs of a `:predict` reply, in the format of columns or of rows. @throws RemoteError REMOTE_PROTOCOL */
export function predictOutputs(body: Uint8Array, { outputs }: Signature): Tensors {
  const lossless = outputs.some(({ dtype }) => dtype === "int64" || dtype === "uint64");
  const json = objectOf(parseTolerantJson(decodeText(body), lossless), "the whole");
  const columns = json["outputs"] === undefined ? columnsOf(json["predictions"], outputs) : json["outputs"];
  if (columns === undefined) throw protocolError("outputs or predictions", "neither");
  const [first] = outputs;
  // A lone output comes without its name.
  const bare = first !== undefined && outputs.length === 1 && !(isObject(columns) && Object.hasOwn(columns, first.name));
  const values = bare ? { [first.name]: columns } : objectOf(columns, "outputs");
  const given = outputs.filter(({ name }) => values[name] !== undefined);
  return Object.fromEntries(given.map((spec) => [spec.name, tensorFromNested(spec, values[spec.name], `outputs.${spec.name}`)]));
}

/** Rows, which is how KServe answers whatever it was asked, as columns. */
function columnsOf(rows: unknown, outputs: readonly TensorSpec[]): unknown {
  if (!Array.isArray(rows) || outputs.length === 1 || !rows.every(isObject)) return rows;
  return Object.fromEntries(outputs.map(({ name }) => [name, rows.map((row) => row[name])]));
}
