import { closeSync, openSync, readSync } from "node:fs";

/**
 * Names of the libraries that a shared library or program needs, for 64-bit little-endian ELF; none for other files. Source: System V ABI, chapters 4
 * and 5: program headers, and the entries DT_NEEDED (1), DT_STRTAB (5) and DT_STRSZ (10) of the dynamic segment.
 */
export function elfNeeded(path: string): string[] {
  const file = openSync(path, "r");
  const read = (offset: bigint | number, size: bigint | number): Buffer => {
    const bytes = Buffer.alloc(Number(size));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, Number(offset)));
  };
  try {
    const header = read(0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return [];
    const size = header.readUInt16LE(54);
    const segments = Array.from({ length: header.readUInt16LE(56) }, (_, i) =>
      segmentOf(read(header.readBigUInt64LE(32) + BigInt(i * size), size)),
    );
    const dynamic = segments.find(({ type }) => type === 2);
    if (dynamic === undefined) return [];
    const table = read(dynamic.offset, dynamic.fileSize);
    const entries = Array.from(
      { length: table.length >> 4 },
      (_, i) => [table.readBigInt64LE(i * 16), table.readBigUInt64LE(i * 16 + 8)] as const,
    );
    const entry = (tag: bigint): bigint => entries.find(([found]) => found === tag)?.[1] ?? 0n;
    const address = entry(5n);
    const home = segments.find(({ type, start, fileSize }) => type === 1 && start <= address && address < start + fileSize);
    if (home === undefined) return [];
    const strings = read(home.offset + address - home.start, entry(10n));
    return entries.filter(([tag]) => tag === 1n).map(([, at]) => strings.toString("utf8", Number(at), strings.indexOf(0, Number(at))));
  } finally {
    closeSync(file);
  }
}

interface Segment {
  /** 1: loaded; 2: dynamic linking. */
  readonly type: number;
  readonly offset: bigint;
  /** Address in memory. */
  readonly start: bigint;
  readonly fileSize: bigint;
}

function segmentOf(header: Buffer): Segment {
  return {
    type: header.readUInt32LE(0),
    offset: header.readBigUInt64LE(8),
    start: header.readBigUInt64LE(16),
    fileSize: header.readBigUInt64LE(32),
  };
}
