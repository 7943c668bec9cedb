import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { Failure, UsageError } from "../lib/failure.ts";

/** A file that is one input tensor. */
export interface InputFile {
  readonly kind: "image" | "npy";
  /** Undefined: the model's only input. */
  readonly name: string | undefined;
  readonly path: string;
}

/** What is to be predicted. */
export type Given = { readonly kind: "json"; readonly value: unknown } | { readonly kind: "files"; readonly files: readonly InputFile[] };

/** Where inputs may come from beside the argument. */
export interface InputOptions {
  readonly image?: readonly string[];
  readonly npy?: readonly string[];
}

const usage = "give an input: JSON such as '{\"x\": [[3]]}', a .json, .npy, .png, .jpg or .webp file, or JSON on stdin";

/** Reads what an argument, options or stdin say. @throws UsageError, Failure where a file cannot be read */
export async function readInput(argument: string | undefined, { image = [], npy = [] }: InputOptions): Promise<Given> {
  const files = [...image.map((text) => inputFile("image", text)), ...npy.map((text) => inputFile("npy", text))];
  if (argument !== undefined && files.length > 0) throw new UsageError("an input in the argument, or --image and --npy, not both");
  if (files.length > 0) return { kind: "files", files };
  if (argument === undefined && process.stdin.isTTY === true) throw new UsageError(usage);
  if (argument === undefined || argument === "-") return fromStdin();
  if (/^\s*[[{"\d-]/.test(argument) && extname(argument) === "") return { kind: "json", value: parse(argument, "the input") };
  const ending = extname(argument).toLowerCase();
  if (ending === ".npy") return { kind: "files", files: [{ kind: "npy", name: undefined, path: argument }] };
  if ([".png", ".jpg", ".jpeg", ".webp"].includes(ending))
    return { kind: "files", files: [{ kind: "image", name: undefined, path: argument }] };
  if (ending === ".json") return { kind: "json", value: parse(await readText(argument), argument) };
  return { kind: "json", value: parse(argument, "the input") };
}

async function fromStdin(): Promise<Given> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") throw new UsageError(usage);
  return { kind: "json", value: parse(text, "stdin") };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Failure(`${path} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { cause });
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${where} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

/** `name=file`, or a file alone. */
function inputFile(kind: InputFile["kind"], text: string): InputFile {
  const equals = text.indexOf("=");
  return equals < 1 ? { kind, name: undefined, path: text } : { kind, name: text.slice(0, equals), path: text.slice(equals + 1) };
}
