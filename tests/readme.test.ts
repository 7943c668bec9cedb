import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..");

/** The README's TypeScript blocks by the file name in their first line. */
function snippets(name: string): Map<string, string> {
  const text = readFileSync(join(root, name), "utf8");
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  return new Map(blocks.map((code) => [/^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? "", code]));
}

const english = snippets("README.md");
// Inside this workspace, so that the packages are found as a user's would be.
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(here, ".readme-"));
  for (const [name, code] of english) writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, "linear.onnx"), line());
  writeFileSync(join(folder, "digits.onnx"), anyDigits());
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ["node"],
    skipLibCheck: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the README", () => {
  it("has the same snippets in both languages, each with a file name", () => {
    expect(snippets("README.zh-CN.md")).toEqual(english);
    expect([...english.keys()]).toEqual(["first.ts", "digits.ts", "server.ts", "more-servers.ts", "client.ts", "raw.ts", "places.ts"]);
  });

  it("has snippets that type-check", () => {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { stdio: "pipe" });
  });

  it.each([
    ["first.ts", /^\{ y: 6 \}\n$/],
    ["more-servers.ts", /^200\n$/],
    ["raw.ts", /name: 'x'.*\[ 3, 1 \] Float32Array\(3\) \[ 2, 4, 6 \]\n$/s],
    ["places.ts", /cpu \[/],
  ])("has a snippet %s that runs", async (name, output) => {
    const { stdout, stderr } = await ended(run(name));
    expect(stderr).toBe("");
    expect(stdout).toMatch(output);
  });

  it("has a server that the client can call, and that leaves on SIGTERM", async () => {
    const env = { PORT: String(await freePort()) };
    const server = run("server.ts", env);
    try {
      await expect
        .poll(
          () =>
            fetch(`http://localhost:${env.PORT}/api/health/ready`).then(
              ({ status }) => status,
              () => 0,
            ),
          { timeout: 20_000 },
        )
        .toBe(200);
      const { stdout, stderr } = await ended(run("client.ts", env));
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^\d\nINPUT_SHAPE \[/);
    } finally {
      server.kill("SIGTERM");
    }
    expect((await ended(server)).stderr).toBe("");
  });
});

/** Starts a snippet, its types stripped by the compiler that runs the tests. */
function run(name: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", name], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function ended(child: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", () => resolve({ stdout, stderr })));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** `y = 2x`. */
function line(): Uint8Array {
  const shape = ["batch", 1];
  return writeModel(
    model(
      graph({
        nodes: [node("Mul", ["x", "two"], ["y"])],
        inputs: [value("x", "float32", shape)],
        outputs: [value("y", "float32", shape)],
        initializers: [initializer("two", tensor("float32", [2]))],
      }),
    ),
  );
}

/** Ten sums over the image: of the digit recogniser it has the signature, not the skill. */
function anyDigits(): Uint8Array {
  const weights = tensor(
    "float32",
    Float32Array.from({ length: 7840 }, (_, i) => Math.sin(i)),
    [784, 10],
  );
  return writeModel(
    model(
      graph({
        nodes: [node("Flatten", ["image"], ["flat"]), node("MatMul", ["flat", "weights"], ["logits"])],
        inputs: [value("image", "float32", ["batch", 1, 28, 28])],
        outputs: [value("logits", "float32", ["batch", 10])],
        initializers: [initializer("weights", weights)],
      }),
    ),
  );
}
