import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AnyPredictor } from "@predikt/core/serving";
import { createPredictor } from "@predikt/node";
import { createRequestListener } from "@predikt/node/http";
import { expect, it } from "vitest";
import { root } from "../readme/snippets.ts";
import { listening } from "./servers.ts";

const curl = ((): boolean => {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!curl)("the curl lines of docs/guides/protocols.md give what stands below them (needs curl)", async () => {
  const guide = readFileSync(join(root, "docs/guides/protocols.md"), "utf8");
  const lines = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) => block.trim().split("\n"));
  const models = (await Promise.all([
    createPredictor({ name: "linear", source: join(root, "examples/linear-regression/linear.onnx") }),
    createPredictor({ name: "digits", source: join(root, "examples/digits/digits.onnx"), batching: { maxBatchSize: 32 } }),
  ])) as AnyPredictor[];
  const listener = createRequestListener({ models });
  const served = await listening(listener, () => listener.close());
  const cwd = mkdtempSync(join(tmpdir(), "predikt-curl-"));
  let asked = 0;
  try {
    for (const [at, line] of lines.entries()) {
      if (line.startsWith("# ")) continue;
      const { stdout } = await promisify(execFile)("sh", ["-c", `${line.replace("localhost:3000", new URL(served.origin).host)} -s`], {
        cwd,
      });
      const below = lines[at + 1];
      if (below?.startsWith("# ")) expect(stdout, line).toBe(below.slice(2));
      asked++;
    }
    expect(asked).toBeGreaterThan(4);
    expect(readFileSync(join(cwd, "reply.bin")).toString("latin1")).toContain('"name":"logits","datatype":"FP32","shape":[1,10]');
  } finally {
    rmSync(cwd, { recursive: true });
    await served.close();
    await Promise.all(models.map((model) => model.close()));
  }
});
