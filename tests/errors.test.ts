import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorTable } from "@predikt/core";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { onlyInstalled, raise } from "./errors/raise.ts";

describe("each code of the error table is raised through the public exports, with its status", () => {
  it.each(Object.keys(raise) as (keyof typeof raise)[])("%s", async (code) => {
    const { code: seen, status } = await raise[code]();
    expect({ code: seen, status }).toEqual({ code, status: errorTable[code].status });
  });

  it.each(onlyInstalled)("%s, in a test of an installed package", (code) => {
    expect(readFileSync(join(root, "tests/packaging/packaging.test.ts"), "utf8")).toContain(code);
  });

  it("and no code is left out", () => {
    expect([...Object.keys(raise), ...onlyInstalled].sort()).toEqual(Object.keys(errorTable).sort());
  });
});

it("docs/reference/errors.md is what the table says", () => {
  expect(() => execFileSync(process.execPath, [join(root, "scripts/errors-reference.mjs"), "--check"], { stdio: "pipe" })).not.toThrow();
});
