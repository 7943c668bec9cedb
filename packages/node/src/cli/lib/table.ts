import Table from "cli-table3";
import type { Terminal } from "./terminal.ts";

/** One cell: text, which may be coloured. */
export type Cell = string | number;

/** How a table looks. */
export interface TableOptions {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns, from 0, that hold numbers and stand to the right. */
  readonly right?: readonly number[] | undefined;
}

const none = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
};
const bare = { ...none, left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " };

/** A table as text: columns side by side, two spaces between, no lines. */
export function tableText({ head, rows, right = [] }: TableOptions, { colors }: Pick<Terminal, "colors">): string {
  const table = new Table({
    head: head.map((title) => colors.bold(title)),
    chars: bare,
    // The library's own colours would need one more package.
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((_, column) => (right.includes(column) ? "right" : "left")),
  });
  for (const row of rows) table.push(row.map(String));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Names and what they are, one a line. */
export function factsText(facts: readonly (readonly [name: string, value: string])[], { colors }: Pick<Terminal, "colors">): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${colors.dim(name.padEnd(width))}  ${value}`).join("\n");
}
