import type { ClientReadableStream } from "@grpc/grpc-js";
import { AccessError, type AnyPredictor, createPredictor, InputError, OverloadError } from "@predikt/core";
import type { AccessRequest, ReplyEvent } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Message, Outcome } from "../../test/grpc-client.ts";
import { echo, rawFloats, type Site, startSite } from "../../test/grpc-site.ts";
import type { GrpcServerOptions } from "./create-server.ts";

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

async function start(options: Partial<GrpcServerOptions> = {}, models?: GrpcServerOptions["models"]): Promise<Site> {
  const site = await startSite({ ...options, models: models ?? [await echo("float32"), await echo("uint8"), await echo("string")] });
  clearing.push(() => site.close());
  return site;
}

/** What our own clients read of a failure. */
const told = ({ error }: Outcome): Message => JSON.parse(String(error?.metadata.get("x-predikt-error-bin")[0]));
const x = { name: "x", datatype: "FP32", shape: ["1"] };
const good = { model_name: "float32", inputs: [x], raw_input_contents: [rawFloats(1)] };
const uint8 = (contents: Message) => ({ model_name: "uint8", inputs: [{ name: "x", datatype: "UINT8", shape: ["1"], contents }] });

describe("a request that does not fit is INVALID_ARGUMENT, by path", () => {
  const cases: Readonly<Record<string, readonly [request: Message, message: RegExp, code?: string]>> = {
    "an unknown datatype": [
      { ...good, inputs: [{ ...x, datatype: "BF16" }] },
      /^inputs\[0\]\.datatype: expected a datatype such as FP32, got another one$/,
      "INPUT_DTYPE",
    ],
    "no datatype": [{ ...good, inputs: [{ ...x, datatype: "" }] }, /^inputs\[0\]\.datatype: .*got nothing$/],
    "a negative dimension": [{ ...good, inputs: [{ ...x, shape: ["-1"] }] }, /^inputs\[0\]\.shape: /, "INPUT_SHAPE"],
    "dims that no memory could hold": [{ ...good, inputs: [{ ...x, shape: ["9007199254740993"] }] }, /^inputs\[0\]\.shape: /],
    "dims beside a zero": [{ ...good, inputs: [{ ...x, shape: ["0", "4294967296"] }] }, /^inputs\[0\]\.shape: /],
    "too few bytes": [
      { ...good, inputs: [{ ...x, shape: ["2"] }] },
      /^inputs\[0\]: expected 8 bytes for FP32 \[2\], got 4$/,
      "INPUT_SHAPE",
    ],
    "raw contents for some inputs only": [
      { ...good, inputs: [x, { ...x, name: "y" }] },
      /^raw_input_contents: expected one for each of the 2 inputs, got 1$/,
    ],
    "typed and raw contents": [
      { ...good, inputs: [{ ...x, contents: { fp32_contents: [1] } }] },
      /^inputs\[0\]\.contents: expected nothing beside raw contents, got contents$/,
    ],
    "contents of another datatype": [
      uint8({ int_contents: [1] }),
      /^inputs\[0\]\.contents: expected UINT8 in uint_contents, got int_contents$/,
      "INPUT_DTYPE",
    ],
    "contents of two datatypes": [uint8({ uint_contents: [1], fp32_contents: [1] }), /got fp32_contents$/],
    "too many contents": [uint8({ uint_contents: [1, 2] }), /^inputs\[0\]\.contents\.uint_contents: expected 1 elements for \[1\], got 2$/],
    "no contents at all": [uint8(undefined), /expected 1 elements for \[1\], got 0$/],
    "an integer out of range": [
      uint8({ uint_contents: [300] }),
      /^inputs\[0\]\.contents\.uint_contents\[0\]: out of UINT8's range$/,
      "INPUT_VALUE",
    ],
    "typed text that is not UTF-8": [
      { model_name: "string", inputs: [{ name: "x", datatype: "BYTES", shape: ["1"], contents: { bytes_contents: [Buffer.of(0xff)] } }] },
      /^inputs\[0\]\.contents\.bytes_contents\[0\]: expected UTF-8, got other bytes$/,
    ],
    "raw text that ends early": [
      { model_name: "string", inputs: [{ name: "x", datatype: "BYTES", shape: ["1"] }], raw_input_contents: [Buffer.of(9, 0, 0, 0, 65)] },
      /^inputs\[0\]: expected a length and as many bytes for each element/,
    ],
    "another name": [
      { ...good, inputs: [{ ...x, name: "w" }] },
      /input "x": expected float32 \[axis0\], got nothing.*"w"/,
      "INPUT_MISSING",
    ],
    "a name that is a prototype's": [{ ...good, inputs: [{ ...x, name: "__proto__" }] }, /got nothing/],
    "the same name twice": [{ ...good, inputs: [x, x], raw_input_contents: [rawFloats(1), rawFloats(1)] }, /^inputs\[1\]\.name: /],
    "another dtype than the model's": [{ ...good, model_name: "uint8" }, /expected uint8 \[axis0\], got float32 \[1\]/, "INPUT_DTYPE"],
    "an output that there is not": [{ ...good, outputs: [{ name: "q" }] }, /^outputs\[0\]\.name: expected one of "y"/, "INPUT_UNKNOWN"],
    "a priority that is none": [{ ...good, parameters: { priority: { string_param: "now" } } }, /^parameters\.priority: /, "INPUT_VALUE"],
  };

  it.each(Object.entries(cases))("%s", async (_name, [request, message, code]) => {
    const { client } = await start();
    const outcome = await client.call("ModelInfer", request);
    expect(outcome.error).toMatchObject({ code: 3, details: expect.stringMatching(message) });
    if (code !== undefined) expect(told(outcome)).toMatchObject({ code });
  });

  it("bytes that are no message", async () => {
    const { port } = await start();
    const { Client, credentials } = await import("@grpc/grpc-js");
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    clearing.push(() => client.close());
    const same = (bytes: Buffer): Buffer => bytes;
    for (const bytes of [Buffer.of(0x0a, 0x7f, 1), Buffer.of(0xff, 0xff), Buffer.of(0x0b)]) {
      const error = await new Promise<Message>((resolve) =>
        client.makeUnaryRequest("/inference.GRPCInferenceService/ModelInfer", same, same, bytes, (failure) => resolve(failure)),
      );
      expect(error).toMatchObject({ code: 3, details: "message: expected inference.ModelInferRequest, got bytes that are none" });
    }
  });
});

describe("the error table is gRPC's statuses", () => {
  const raised = (thrown: () => Error) => start({ open: [], access: () => Promise.reject(thrown()) });

  it("an unknown model or version is NOT_FOUND", async () => {
    const { client } = await start();
    const outcome = await client.call("ModelInfer", { ...good, model_name: "nothing" });
    expect(outcome.error).toMatchObject({ code: 5, details: expect.stringContaining('model "nothing": not served here') });
    expect(told(outcome).code).toBe("MODEL_NOT_FOUND");
    expect((await client.call("ModelInfer", { ...good, model_version: "9" })).error?.code).toBe(5);
    expect((await client.call("ModelStatistics", { name: "nothing" })).error?.code).toBe(5);
  });

  it("no credentials are UNAUTHENTICATED, others PERMISSION_DENIED", async () => {
    const none = await raised(() => new AccessError("UNAUTHENTICATED", "who are you?"));
    expect((await none.client.call("ModelInfer", good)).error).toMatchObject({ code: 16, details: "who are you?" });
    const other = await raised(() => new AccessError("FORBIDDEN", "not you"));
    expect((await other.client.call("ServerMetadata", {})).error?.code).toBe(7);
    const watch = other.client.watch("");
    const failure = new Promise<Message>((resolve) => watch.on("error", resolve));
    expect(await failure).toMatchObject({ code: 7, details: "not you" });
  });

  it("too many are RESOURCE_EXHAUSTED, with the time to wait", async () => {
    const { client } = await raised(() => new OverloadError("RATE_LIMITED", "slowly", { details: { retryAfterMs: 1500 } }));
    const outcome = await client.call("ModelInfer", good);
    expect(outcome.error).toMatchObject({ code: 8, details: "slowly" });
    expect(outcome.error?.metadata.get("grpc-retry-pushback-ms")).toEqual(["1500"]);
    const other = await raised(() => new InputError("INPUT_TOO_LARGE", "large"));
    expect((await other.client.call("ModelInfer", good)).error?.code).toBe(8);
  });

  it("a full queue is RESOURCE_EXHAUSTED", async () => {
    const backend = fakeBackend();
    const predictor = (await createPredictor({ name: "float32", source: "m", backend, queueLimit: 1, batching: false })) as AnyPredictor;
    const { client } = await start({}, [predictor]);
    backend.hold(true);
    clearing.push(() => {
      backend.hold(false);
      backend.release();
    });
    const one = { ...good, inputs: [{ ...x, shape: ["1", "1"] }] };
    const all = Array.from({ length: 4 }, () => client.call("ModelInfer", one));
    const refused = await Promise.race(all);
    expect(refused.error?.code).toBe(8);
    expect(told(refused).code).toBe("QUEUE_FULL");
    backend.hold(false);
    backend.release();
    expect((await Promise.all(all)).filter(({ error }) => error === undefined).length).toBeGreaterThan(0);
  });

  it("a closed model is UNAVAILABLE, and not ready", async () => {
    const predictor = await echo("float32");
    const { client } = await start({}, [predictor]);
    await predictor.close();
    const outcome = await client.call("ModelInfer", good);
    expect(outcome.error?.code).toBe(14);
    expect(told(outcome).code).toBe("CLOSED");
    expect((await client.call("ModelReady", { name: "float32" })).reply).toEqual({ ready: false });
    expect((await client.call("ServerReady", {})).reply).toEqual({ ready: false });
    expect((await client.check("")).reply).toEqual({ status: "NOT_SERVING" });
  });

  it("a runtime that fails is INTERNAL, and its insides stay inside", async () => {
    const backend = fakeBackend({
      compute: ({ x: feed }) => {
        if (Number(feed?.data[0]) === 1) throw new Error("the secret of the runtime");
        return { y: feed } as never;
      },
    });
    const errors: string[] = [];
    const predictor = (await createPredictor({ name: "float32", source: "m", backend, batching: false })) as AnyPredictor;
    const { client } = await start({ onError: (error) => errors.push(error.message) }, [predictor]);
    const outcome = await client.call("ModelInfer", { ...good, inputs: [{ ...x, shape: ["1", "1"] }] });
    expect(outcome.error?.code).toBe(13);
    expect(outcome.error?.details).not.toContain("secret");
    expect(JSON.stringify(told(outcome))).not.toContain("secret");
    expect(errors).toEqual([expect.stringContaining("secret")]);
  });

  it("a text of any length and any letters comes through", async () => {
    const { client } = await raised(() => new InputError("INPUT_VALUE", `\ud800 % \n${"ü".repeat(5000)}`, { details: { at: 1n } }));
    const { error } = await client.call("ModelInfer", good);
    expect(error?.code).toBe(3);
    expect(error?.details).toMatch(/^\ufffd % \nü+…$/);
    expect(error?.details.length).toBeLessThan(700);
  });
});

describe("hooks", () => {
  it("the access hook sees operation, model, metadata and address, and is told of the end", async () => {
    const seen: (Pick<AccessRequest, "operation" | "model" | "method"> & { readonly key: string | undefined })[] = [];
    const addresses = new Set<string | undefined>();
    let open = 0;
    const site = await start({
      control: true,
      open: [],
      access: ({ operation, model, method, header, address }) => {
        addresses.add(address);
        seen.push({ operation, model, method, key: header("x-api-key") });
        open++;
        return () => open--;
      },
    });
    const { client } = site;
    await client.call("ModelInfer", good, {}, { "x-api-key": "k" });
    await client.call("ModelMetadata", { name: "float32" });
    await client.call("ServerReady", {});
    await client.call("RepositoryIndex", {});
    await client.check("");
    expect(seen).toEqual([
      { operation: "predict", model: "float32", method: "POST", key: "k" },
      { operation: "metadata", model: "float32", method: "POST", key: undefined },
      { operation: "health", model: undefined, method: "POST", key: undefined },
      { operation: "control", model: undefined, method: "POST", key: undefined },
      { operation: "health", model: undefined, method: "POST", key: undefined },
    ]);
    expect([...addresses]).toEqual(["127.0.0.1"]);
    expect(open).toBe(0);
  });

  it("a watch is allowed, refused and counted as calls are, and ends with its client", async () => {
    const replies: ReplyEvent[] = [];
    let open = 0;
    let hold: Promise<void> | undefined;
    const { client } = await start({
      onReply: (event) => replies.push(event),
      open: [],
      access: async ({ header }) => {
        if (header("x-api-key") === undefined) throw new AccessError("FORBIDDEN", "not you");
        open++;
        await hold;
        return () => open--;
      },
    });
    const watch = (key: Readonly<Record<string, string>>): ClientReadableStream<Message> => client.watch("", key).on("error", () => {});
    expect(await new Promise<Message>((resolve) => watch({}).on("error", resolve))).toMatchObject({ code: 7, details: "not you" });
    expect(replies).toMatchObject([{ route: "grpc-health-watch", status: 403, code: "FORBIDDEN" }]);
    const one = watch({ "x-api-key": "k" });
    expect(await new Promise<Message>((resolve) => one.on("data", resolve))).toEqual({ status: "SERVING" });
    expect(open).toBe(1);
    one.cancel();
    await vi.waitFor(() => expect(open).toBe(0));

    let letGo = (): void => {};
    hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const hasty = watch({ "x-api-key": "k" });
    await vi.waitFor(() => expect(open).toBe(1));
    hasty.cancel();
    // On the same connection: once it is answered, the other one's end has come.
    expect((await client.check("")).error?.code).toBe(7);
    letGo();
    await vi.waitFor(() => expect(open).toBe(0));
  });

  it("onReply hears of every call, with its id", async () => {
    const replies: ReplyEvent[] = [];
    const { client } = await start({ onReply: (event) => replies.push(event) });
    const answered = await client.call("ModelInfer", good, {}, { "x-request-id": "mine" });
    expect(answered.trailers?.get("x-request-id")).toEqual(["mine"]);
    const refused = await client.call("ModelInfer", { ...good, model_name: "nothing" });
    expect(refused.error?.metadata.get("x-request-id")).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(replies).toMatchObject([
      { requestId: "mine", route: "grpc-infer", model: "float32", status: 200, code: undefined },
      { route: "grpc-infer", model: "nothing", status: 404, code: "MODEL_NOT_FOUND" },
    ]);
  });

  it("control lists, loads and unloads where the models are a registry", async () => {
    const predictor = await echo("float32");
    const did: string[] = [];
    const models = {
      resolve: () => predictor,
      list: () => [{ name: "float32", version: "1", labels: [], predictor }],
      index: () => [
        { name: "float32", version: "1", state: "READY", reason: "", labels: [] },
        { name: "float32", version: "2", state: "UNAVAILABLE", reason: "unloaded", labels: [] },
      ],
      load: async (name: string) => void did.push(`load ${name}`),
      unload: async (name: string) => void did.push(`unload ${name}`),
    };
    const { client } = await start({ control: true }, models);
    clearing.push(() => predictor.close());
    expect((await client.call("RepositoryIndex", {})).reply.models).toHaveLength(2);
    expect((await client.call("RepositoryIndex", { ready: true })).reply.models).toEqual([
      { name: "float32", version: "1", state: "READY", reason: "" },
    ]);
    expect((await client.call("RepositoryModelLoad", { model_name: "float32" })).error).toBeUndefined();
    await client.call("RepositoryModelUnload", { model_name: "float32", parameters: { unload_dependents: { bool_param: true } } });
    expect(did).toEqual(["load float32", "unload float32"]);
    const overriding = { model_name: "float32", parameters: { config: { string_param: "{}" } } };
    expect((await client.call("RepositoryModelLoad", overriding)).error?.code).toBe(3);
  });
});
