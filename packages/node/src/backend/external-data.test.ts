import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@predikt/core";
import {
  type AttributeProto,
  checkModel,
  externalInitializer,
  graph,
  initializer,
  type ModelProto,
  model,
  node,
  type SparseTensorProto,
  type TensorProto,
  value,
  writeModel,
} from "@predikt/core/onnx";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../test/program.ts";
import type { OpenSpec } from "../worker/protocol.ts";
import { createPredictor, type NodePredictorOptions } from "./create-predictor.ts";
import { carryModel } from "./external-data.ts";

/** `y = x · w`, w float32 [1] from a file beside the model. */
function scaled(location: string): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("Mul", ["x", "w"], ["y"])],
        inputs: [value("x", "float32", ["batch", 1])],
        outputs: [value("y", "float32", ["batch", 1])],
        initializers: [externalInitializer("w", { dtype: "float32", dims: [1], location, offset: 0, length: 4 })],
      }),
    ),
  );
}

type Carrier = (hidden: TensorProto) => ModelProto;

/** `y` is the constant `w`, which stands in the file in one place or another: models that would print a file. */
const carriers: Readonly<Record<string, Carrier>> = {
  "an initialiser": (hidden) => printing([node("Identity", ["w"], ["y"])], (made) => made.graph?.initializer.push(hidden)),
  "a sparse initialiser": (hidden) =>
    printing([node("Identity", ["w"], ["y"])], (made) => made.graph?.sparseInitializer.push(sparse(hidden))),
  "a Constant's value": (hidden) => printing([node("Constant", [], ["y"], { value: 0 })], change({ type: 4, t: hidden })),
  "a Constant's sparse value": (hidden) =>
    printing([node("Constant", [], ["y"], { sparse_value: 0 })], change({ type: 11, sparseTensor: sparse(hidden) })),
  "a branch of an If": (hidden) => {
    const branch = (): ReturnType<typeof graph> =>
      graph({ nodes: [node("Identity", ["w"], ["b"])], inputs: [], outputs: [value("b", "uint8", [10])], initializers: [hidden] });
    const nodes = [
      node("Constant", [], ["yes"], { value: tensor("bool", true) }),
      node("If", ["yes"], ["y"], { then_branch: branch(), else_branch: branch() }),
    ];
    return printing(nodes, () => {});
  },
  "a function": (hidden) => {
    const [constant] = printing([node("Constant", [], ["v"], { value: 0 })], change({ type: 4, t: hidden })).graph?.node ?? [];
    return printing([node("Print", [], ["y"], {}, { domain: "own" })], defined({ node: [constant] }));
  },
  "a function's default attribute": (hidden) => {
    const constant = node("Constant", [], ["v"], { value: 0 });
    const [given] = node("Print", [], [], { secret: 0 }).attribute;
    Object.assign(constant.attribute[0] as AttributeProto, { type: 4, refAttrName: "secret" });
    Object.assign(given as AttributeProto, { type: 4, t: hidden });
    return printing([node("Print", [], ["y"], {}, { domain: "own" })], defined({ node: [constant], attributeProto: [given] }));
  },
};

function printing(nodes: Parameters<typeof graph>[0]["nodes"], then: (made: ModelProto) => unknown): ModelProto {
  const made = model(graph({ nodes, inputs: [], outputs: [value("y", "uint8", [10])] }), { opsets: { own: 1 } });
  then(made);
  return made;
}

function change(fields: Partial<AttributeProto>): (made: ModelProto) => void {
  return (made) => Object.assign(made.graph?.node[0]?.attribute[0] as AttributeProto, fields);
}

function sparse(values: TensorProto): SparseTensorProto {
  const indices = initializer("i", tensor("int64", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  return { $typeName: "onnx.SparseTensorProto", values, indices, dims: [10n] } as SparseTensorProto;
}

function defined(fields: object): (made: ModelProto) => void {
  const opsetImport = [{ $typeName: "onnx.OperatorSetIdProto", domain: "", version: 17n }];
  const definition = {
    name: "Print",
    domain: "own",
    overload: "",
    docString: "",
    input: [],
    output: ["v"],
    attribute: [],
    attributeProto: [],
  };
  return ({ functions }) =>
    functions.push({ $typeName: "onnx.FunctionProto", ...definition, valueInfo: [], metadataProps: [], opsetImport, ...fields } as never);
}

const five = new Uint8Array(new Float32Array([5]).buffer);

async function fifteen(options: NodePredictorOptions): Promise<unknown> {
  const predictor = await createPredictor({ device: "cpu", execution: "worker", ...options });
  const { y } = await predictor.run({ x: tensor("float32", [3], [1, 1]) });
  await predictor.close();
  return y?.data[0];
}

function carried(file: string): ReturnType<typeof carryModel> {
  const bytes = readFileSync(file);
  const spec: OpenSpec = {
    model: file,
    sha256: undefined,
    externalDigest: undefined,
    devices: ["cuda", "cpu", "wasm"],
    threads: 1,
    limits: undefined,
    externalData: undefined,
    cuda: undefined,
    sessionOptions: undefined,
  };
  const { model, inspection } = checkModel(bytes);
  return carryModel(spec, bytes, model, inspection);
}

function folder(location: string): string {
  const path = mkdtempSync(join(tmpdir(), "predikt-external-"));
  writeFileSync(join(path, "model.onnx"), scaled(location));
  return path;
}

describe("external data", () => {
  it.each(["cpu", "wasm"])("beside a model given by path is used (%s)", async (device) => {
    const path = folder("weights/w.bin");
    mkdirSync(join(path, "weights"));
    writeFileSync(join(path, "weights", "w.bin"), five);
    expect(await fifteen({ source: join(path, "model.onnx"), device })).toBe(15);
  });

  it("may be mapped by the caller, for bytes and for paths", async () => {
    expect(await fifteen({ source: scaled("w.bin"), externalData: { "w.bin": five } })).toBe(15);
    const path = folder("elsewhere.bin");
    writeFileSync(join(path, "w.bin"), five);
    expect(await fifteen({ source: join(path, "model.onnx"), externalData: { "elsewhere.bin": join(path, "w.bin") } })).toBe(15);
  });

  it.each(Object.keys(carriers))("of a model given as bytes may not be a file of the working directory, in %s", async (place) => {
    const path = mkdtempSync(join(tmpdir(), "predikt-secrets-"));
    writeFileSync(join(path, ".env"), "KEY=secret");
    const before = process.cwd();
    process.chdir(path);
    try {
      const source = writeModel(
        (carriers[place] as Carrier)(externalInitializer("w", { dtype: "uint8", dims: [10], location: ".env", length: 10 })),
      );
      const read = createPredictor({ source, device: "cpu", execution: "inline", warmup: false }).then((predictor) => predictor.close());
      expect(await codeOf(read)).toBe("MODEL_REFUSED");
    } finally {
      process.chdir(before);
    }
  });

  it("that is a hidden file is refused, even in the model's own folder", async () => {
    const path = folder(".env");
    writeFileSync(join(path, ".env"), five);
    expect(await codeOf(fifteen({ source: join(path, "model.onnx") }))).toBe("MODEL_REFUSED");
    expect(await fifteen({ source: join(path, "model.onnx"), externalData: { ".env": join(path, ".env") } })).toBe(15);
  });

  it("outside the model's folder is refused, by name or by link", async () => {
    const outside = mkdtempSync(join(tmpdir(), "predikt-outside-"));
    writeFileSync(join(outside, "w.bin"), five);
    expect(await codeOf(fifteen({ source: join(folder(`../${outside.split("/").at(-1)}/w.bin`), "model.onnx") }))).toBe("MODEL_REFUSED");
    expect(await codeOf(fifteen({ source: join(folder(join(outside, "w.bin")), "model.onnx") }))).toBe("MODEL_REFUSED");
    const linked = folder("w.bin");
    symlinkSync(join(outside, "w.bin"), join(linked, "w.bin"));
    expect(await codeOf(fifteen({ source: join(linked, "model.onnx") }))).toBe("MODEL_REFUSED");
    expect(await fifteen({ source: join(linked, "model.onnx"), externalData: { "w.bin": join(outside, "w.bin") } })).toBe(15);
  });

  it("stays in its file where the device can map it, whatever other devices were asked for", async () => {
    const path = folder("w.bin");
    writeFileSync(join(path, "w.bin"), five);
    const file = join(path, "model.onnx");
    const carrier = await carried(file);
    expect(await carrier.for("cpu")).toBe(file);
    expect(await carrier.for("wasm")).toBeInstanceOf(Uint8Array);
  });

  it("of more than 2 GiB is used by the device auto, and is nothing for wasm", async () => {
    const path = folder("w.bin");
    writeFileSync(join(path, "w.bin"), five);
    truncateSync(join(path, "w.bin"), 2 ** 31);
    const source = join(path, "model.onnx");
    expect(await fifteen({ source, device: "auto" })).toBe(15);
    expect(await codeOf(fifteen({ source, device: "wasm" }))).toBe("MODEL_UNSUPPORTED");
  });

  it("that has changed since is not used by a worker that is started later", async () => {
    const path = folder("w.bin");
    writeFileSync(join(path, "w.bin"), five);
    const predictor = await createPredictor({ source: join(path, "model.onnx"), device: "cpu", execution: "process" });
    expect(predictor.info.details["externalDigest"]).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(join(path, "w.bin"), new Uint8Array(new Float32Array([99]).buffer));
    const lost: unknown[] = [];
    const told = new Promise<void>((resolve) => {
      predictor.on("backend-reported", ({ event }) => {
        if (lost.push(event) === 2) resolve();
      });
    });
    process.kill((predictor.info.details["pids"] as number[])[0] as number, "SIGKILL");
    await told;
    expect(lost).toMatchObject([{ type: "worker-lost" }, { type: "worker-lost", detail: { reason: expect.stringContaining("changed") } }]);
    expect(await codeOf(predictor.run({ x: [[3]] }))).toBe("MODEL_INTEGRITY");
    writeFileSync(join(path, "w.bin"), five);
    expect((await predictor.run({ x: [[3]] }))["y"]?.data[0]).toBe(15);
    await predictor.close();
  });

  it("that is missing or too short is an error before the runtime sees it", async () => {
    expect(await codeOf(fifteen({ source: join(folder("gone.bin"), "model.onnx") }))).toBe("MODEL_NOT_FOUND");
    const mapped = { "gone.bin": join(tmpdir(), "predikt-no-such-file") };
    expect(await codeOf(fifteen({ source: join(folder("gone.bin"), "model.onnx"), externalData: mapped }))).toBe("MODEL_NOT_FOUND");
    const short = folder("w.bin");
    writeFileSync(join(short, "w.bin"), five.subarray(0, 2));
    expect(await codeOf(fifteen({ source: join(short, "model.onnx") }))).toBe("MODEL_INVALID");
  });
});
