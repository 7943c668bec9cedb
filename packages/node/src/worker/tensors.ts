import type { Tensor, Tensors } from "@predikt/core";

/** Below this many bytes a copy costs less than a transfer. Measured on Node 20: they break even at about 4 kB. */
const worthTransferring = 4096;

/** Tensors that can be posted, and the buffers to hand over with them. */
export interface Parcel {
  readonly tensors: Tensors;
  readonly transfer: ArrayBuffer[];
}

/**
 * Makes tensors ready to be posted to another thread. What is not `owned` is copied, once; a view of a larger buffer is copied too, since posting it
 * would take the whole buffer along.
 */
export function pack(tensors: Tensors, owned: boolean): Parcel {
  const packed: Record<string, Tensor> = {};
  const transfer: ArrayBuffer[] = [];
  for (const name in tensors) {
    const given = tensors[name] as Tensor;
    packed[name] = given;
    if (given.type === "string") continue;
    const { data } = given;
    const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
    if (whole && data.byteLength < worthTransferring) continue;
    const mine = owned && whole && !transfer.includes(data.buffer as ArrayBuffer) ? data : data.slice();
    packed[name] = { type: given.type, data: mine, dims: given.dims } as Tensor;
    transfer.push(mine.buffer as ArrayBuffer);
  }
  return { tensors: packed, transfer };
}

/** The first input whose buffer has been handed over to somebody else: it has no bytes left, though its dims ask for some. */
export function detachedInput(tensors: Tensors): string | undefined {
  for (const name in tensors) {
    const { type, data, dims } = tensors[name] as Tensor;
    if (type !== "string" && data.byteLength === 0 && !dims.includes(0)) return name;
  }
  return undefined;
}
