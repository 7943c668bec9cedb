import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./readme/snippets.ts";

// The repository's own commands, as far as they can be tried beside other tests.

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function node(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { cwd: root, env: { ...process.env, NODE_OPTIONS: "" } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

it("the endurance runs load a server that answers what it should and ends well", async () => {
  const { stdout, stderr } = await node("scripts/soak.mjs", "mixed", "--quick", "--json");
  // Whether memory stays flat, six seconds beside other tests cannot tell.
  expect(JSON.parse(stdout), stderr).toMatchObject({ name: "mixed", unexpected: 0, exitCode: 0, generatorCpu: expect.any(Number) });
});

it("no script needs a program that is neither Node, npm nor a dependency: pnpm is not on every machine", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const programs = Object.values(scripts).map((line) => line.replace(/^exec /, "").split(" ")[0]);
  expect(programs.filter((program) => !["node", "npm", "biome", "knip", "size-limit", "changeset"].includes(program as string))).toEqual(
    [],
  );
});

it.each([
  [["--wrong"], "Unknown option '--wrong'"],
  [["--project", "nope"], '--project takes core, node, web, react, react-18, tests, examples, types, not "nope"'],
])("npm test refuses %j before it does anything", async (args, why) => {
  const { code, stdout, stderr } = await node("scripts/test.mjs", ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(`${why}. npm test -- --help lists the options.\n`);
});

it("npm test knows every project", async () => {
  const { stdout } = await node("scripts/test.mjs", "--help");
  const named = /only one project: (.*)/.exec(stdout)?.[1]?.split(", ");
  const config = readFileSync(join(root, "vitest.config.ts"), "utf8");
  const there = [...config.matchAll(/unit\("([\w-]+)"|name: "([\w-]+)"/g)].map(([, unit, name]) => unit ?? name);
  expect(named).toEqual(there);
});
