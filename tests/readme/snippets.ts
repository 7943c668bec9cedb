import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** The repository's root. */
export const root: string = join(import.meta.dirname, "../..");

/** A ```ts or ```tsx block of a document. */
export interface Snippet {
  /** Its file name: the comment in its first line, else its place among the blocks. */
  readonly name: string;
  readonly code: string;
  /** The line of the document on which it begins. */
  readonly line: number;
  /** Why it is type-checked only: the reason in a comment `<!-- types only: reason -->` right before it. */
  readonly typesOnly: string | undefined;
  /** Whether it is a server, which runs until it is asked to end, beside the snippets after it. */
  readonly serves: boolean;
}

const fence: RegExp = /^(?:<!--\s*types only:\s*(?<reason>[^>]*?)\s*-->\s*\n)?```(?<kind>tsx?)\n(?<code>[\s\S]*?)^```$/gm;

/** Reads the TypeScript blocks of a document. @throws Error where the document is missing */
export function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(fence)].map((match, i) => {
    const { code = "", kind = "ts", reason } = match.groups ?? {};
    const given = /^\/\/ ([\w.-]+\.tsx?)$/m.exec(code.split("\n", 1)[0] ?? "")?.[1];
    const name = given ?? `${basename(document, ".md").toLowerCase()}-${i + 1}.${kind}`;
    const line = text.slice(0, match.index).split("\n").length;
    return { name, code, line, typesOnly: reason, serves: /\.listen\(/.test(code) };
  });
}
