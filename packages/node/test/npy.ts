/** Bytes of a .npy file, as numpy.save writes them (format 1.0). */
export function npyOf(descr: string, data: ArrayBufferView, shape: readonly number[], order: "True" | "False" = "False"): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${dims}), }`;
  const header = `${text}${" ".repeat(63 - ((10 + text.length) % 64))}\n`;
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(header, "latin1"), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}
