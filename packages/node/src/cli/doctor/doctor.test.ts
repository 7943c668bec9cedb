import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { newFolder, runCli } from "../../../test/cli.ts";
import { diagnosisText } from "./diagnosis-text.ts";
import type { Diagnosis } from "./machine.ts";

const { peerDependencies } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  peerDependencies: Record<string, string>;
};

it("prints JSON: the machine, each device with its runtime or the reason, each optional package", async () => {
  const { code, stdout, stderr } = await runCli(["doctor", "--json"], { cwd: newFolder() });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  expect(diagnosis).toMatchObject({
    node: process.version,
    cpu: { budget: expect.any(Number) },
    memory: { totalBytes: expect.any(Number) },
  });
  const [cpu, cuda] = diagnosis.devices;
  expect(cpu).toEqual({ device: "cpu", opens: true, runtime: expect.stringMatching(/^onnxruntime-node 1\./), reason: null });
  expect(cuda?.device).toBe("cuda");
  expect(cuda?.opens === true || (cuda?.reason?.length ?? 0) > 10).toBe(true);
  expect(diagnosis.devices.find(({ device }) => device === "wasm")).toMatchObject({ opens: true });
  expect(diagnosis.packages.map(({ name }) => name)).toEqual(Object.keys(peerDependencies));
  for (const { name, use, version } of diagnosis.packages) {
    expect(use, name).not.toBe("");
    if (name === "onnxruntime-node") expect(version).toMatch(/^1\./);
  }
});

it("prints a list for people", async () => {
  const { code, stdout } = await runCli(["doctor"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ cpu +onnxruntime-node/m);
});

it("says how to install what is missing", () => {
  const plain = (text: string) => text;
  const colors = { bold: plain, green: plain, red: plain, dim: plain, yellow: plain } as never;
  const text = diagnosisText(
    {
      predikt: "1",
      node: "v20",
      system: "linux",
      cpu: { model: "one", cores: 8, quota: 2, budget: 2 },
      memory: { totalBytes: 2 ** 30, freeBytes: 2 ** 29, limitBytes: 2 ** 28 },
      devices: [{ device: "cpu", opens: false, runtime: null, reason: "onnxruntime-node is not installed: npm install onnxruntime-node" }],
      packages: [{ name: "sharp", version: null, wanted: ">=0.34", use: "images", install: "npm install sharp" }],
    },
    { colors },
  );
  expect(text).toContain("8 cores, 2 by the container's quota");
  expect(text).toContain("256.0 MiB by the container's limit");
  expect(text).toContain("✗ cpu  onnxruntime-node is not installed: npm install onnxruntime-node");
  expect(text).toContain("– sharp  images: npm install sharp");
});
