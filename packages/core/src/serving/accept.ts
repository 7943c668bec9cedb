import { binaryType, jsonType } from "./wire/index.ts";

/**
 * Whether an Accept header asks for the raw output tensor: it names `application/octet-stream`, at no lower quality than JSON, and of two equal ones
 * first. A range such as any type at all means JSON.
 */
export function wantsBinary(accept: string | undefined): boolean {
  if (accept === undefined || accept === "*/*" || accept === jsonType) return false;
  const ranges = accept.split(",").map(toRange);
  const binary = ranges.find(({ type }) => type === binaryType);
  if (binary === undefined || binary.quality === 0) return false;
  // RFC 9110, section 12.5.1: the most specific range that fits a type is the one that counts.
  const json = [jsonType, "application/*", "*/*"]
    .map((type) => ranges.find((range) => range.type === type))
    .find((range) => range !== undefined);
  if (json === undefined || json.quality !== binary.quality) return json === undefined || binary.quality > json.quality;
  return json.type !== jsonType || ranges.indexOf(binary) < ranges.indexOf(json);
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function toRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";");
  const quality = parameters.map((parameter) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter)?.[1]).find((value) => value !== undefined);
  return { type: type.trim().toLowerCase(), quality: quality === undefined ? 1 : Number(quality) || 0 };
}
