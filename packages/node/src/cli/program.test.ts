import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runCli } from "../../test/cli.ts";
import { wantsColors } from "./lib/terminal.ts";

const root = new URL("../../../../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

it("says its version, and what it can do", async () => {
  expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  const help = await runCli(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const command of ["serve", "inspect", "predict", "bench", "conformance", "doctor"])
    expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  expect(help.stdout).toContain("Exit codes:");
});

it("is called wrongly without a command", async () => {
  expect(await runCli([])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Usage: predikt") });
});

it.each(["serve", "inspect", "predict", "bench", "conformance", "doctor"])(
  "%s --help shows examples and every option's meaning",
  async (name) => {
    const { code, stdout, stderr } = await runCli([name, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`Examples:\n  predikt ${name}`));
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  },
);

it("NO_COLOR goes before FORCE_COLOR, which goes before what the stream is", () => {
  expect(wantsColors({}, { isTTY: true })).toBe(true);
  expect(wantsColors({}, {})).toBe(false);
  expect(wantsColors({ TERM: "dumb" }, { isTTY: true })).toBe(false);
  expect(wantsColors({ NO_COLOR: "" }, { isTTY: true })).toBe(true);
  expect(wantsColors({ NO_COLOR: "1", FORCE_COLOR: "1" }, { isTTY: true })).toBe(false);
  expect(wantsColors({ FORCE_COLOR: "1" }, {})).toBe(true);
  expect(wantsColors({ FORCE_COLOR: "0" }, { isTTY: true })).toBe(false);
});

it("docs/reference/cli.md is what the commands' own help says (npm run docs:cli)", () => {
  expect(() =>
    execFileSync(process.execPath, [fileURLToPath(new URL("scripts/cli-reference.mjs", root)), "--check"], { stdio: "pipe" }),
  ).not.toThrow();
});

it("what the built command line has of other packages is named in the notices and installed by nobody", () => {
  const dist = new URL("packages/node/dist/", root);
  const built = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const marks = built.flatMap((name) => [
    ...readFileSync(new URL(name, dist), "utf8").matchAll(/^ *\/\/ \S*node_modules\/\.pnpm\/[^/]+\/node_modules\/((?:@[^/]+\/)?[^/]+)\//gm),
  ]);
  const names = [...new Set(marks.map(([, name]) => name as string))];
  expect(names).toContain("commander");
  const notices = readFileSync(new URL("packages/node/THIRD-PARTY-NOTICES.md", root), "utf8");
  expect(names.filter((name) => !notices.includes(`## ${name} `))).toEqual([]);
  const { dependencies } = JSON.parse(readFileSync(new URL("packages/node/package.json", root), "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(names.filter((name) => dependencies[name] !== undefined)).toEqual([]);
});
