import { gzipSync } from "node:zlib";
import { binaryMessage, binaryOf, inferMessage, type Message } from "../lib/oip-message.ts";
import { binaryOutputsOf } from "./binary-reply.ts";
import { type Check, Mismatch, rules, Skip } from "./check.ts";
import { sameOutputs } from "./compare.ts";
import { expectRefusal } from "./metadata-checks.ts";
import { outputsOf, type Subject } from "./subject.ts";

/** The valid input as binary tensors, JSON coming back; `change` may spoil it. */
function binaryRequest(subject: Subject, more: object = {}): { readonly value: Record<string, unknown>; readonly parts: Uint8Array[] } {
  const parts = Object.values(subject.tensors).map(binaryOf);
  const inputs = subject.request().inputs.map(({ data: _, ...input }, i) => ({
    ...input,
    parameters: { binary_data_size: (parts[i] as Uint8Array).byteLength },
  }));
  return { value: { inputs, ...more }, parts };
}

const withHeader = ({ body, headers }: Message, length: string): Message => ({
  body,
  headers: { ...headers, "inference-header-content-length": length },
});

function check(name: string, title: string, run: Check["run"], level: Check["level"] = "must", rule: string = rules.binary): Check {
  return {
    id: `binary.${name}`,
    title,
    level,
    rule,
    async run(subject) {
      subject.needBinary();
      await run(subject);
    },
  };
}

/** A request that a server must refuse. */
function refused(name: string, title: string, messageOf: (subject: Subject) => Message): Check {
  return check(name, title, async (subject) => expectRefusal(await subject.infer(messageOf(subject))));
}

/** The binary tensor extension. */
export const binaryChecks: readonly Check[] = [
  check("input", "inputs as bytes have the same answer as in JSON", async (subject) => {
    const { value, parts } = binaryRequest(subject);
    sameOutputs(outputsOf(await subject.infer(binaryMessage(value, parts))), await subject.reference());
  }),
  check(
    "output",
    "binary_data_output: every output comes as bytes, with its size, and the header says where they begin",
    async (subject) => {
      const reply = await subject.infer(inferMessage(subject.tensors, true));
      const { outputs, binary } = binaryOutputsOf(reply);
      sameOutputs(outputs, await subject.reference());
      const textual = outputs.find(({ name }) => !binary.has(name));
      if (textual !== undefined) throw new Mismatch(`output "${textual.name}" as bytes`, "JSON");
      const type = reply.headers["content-type"] ?? "none";
      if (!/^application\/octet-stream\b/.test(type)) throw new Mismatch("content-type application/octet-stream", type);
    },
  ),
  check("one-output", "binary_data of one output: that one comes as bytes, the others as JSON", async (subject) => {
    const [first, ...others] = subject.facts.outputs.map(({ name }) => name);
    const wanted = [{ name: first, parameters: { binary_data: true } }, ...others.map((name) => ({ name }))];
    const { value, parts } = binaryRequest(subject, { outputs: wanted });
    const { outputs, binary } = binaryOutputsOf(await subject.infer(binaryMessage(value, parts)));
    sameOutputs(outputs, await subject.reference());
    if ([...binary].join() !== first) throw new Mismatch(`${first} alone as bytes`, [...binary].join(", ") || "none");
  }),
  check("override", "binary_data of an output goes before binary_data_output of the request", async (subject) => {
    const [first] = subject.facts.outputs.map(({ name }) => name);
    const outputs = [{ name: first, parameters: { binary_data: false } }];
    const { value, parts } = binaryRequest(subject, { outputs, parameters: { binary_data_output: true } });
    const got = outputsOf(await subject.infer(binaryMessage(value, parts)));
    sameOutputs(
      got,
      (await subject.reference()).filter(({ name }) => name === first),
    );
  }),
  check("mixed", "one input as bytes, another in JSON", async (subject) => {
    const { value, parts } = binaryRequest(subject);
    const { inputs } = subject.request();
    if (inputs.length < 2) throw new Skip("the model has one input");
    const mixed = inputs.map((input, i) => (i === 0 ? input : (value["inputs"] as object[])[i]));
    sameOutputs(outputsOf(await subject.infer(binaryMessage({ inputs: mixed }, parts.slice(1)))), await subject.reference());
  }),
  check("unaligned", "bytes may begin at any offset", async (subject) => {
    const { value, parts } = binaryRequest(subject);
    const json = JSON.stringify(value);
    for (const spaces of [1, 2, 3]) {
      const head = Buffer.from(json + " ".repeat(spaces));
      const body = Buffer.concat([head, ...parts]);
      const headers = { "content-type": "application/octet-stream", "inference-header-content-length": String(head.byteLength) };
      sameOutputs(outputsOf(await subject.infer({ body, headers })), await subject.reference());
    }
  }),
  check("no-bytes", "a header that is the whole body's length is plain JSON", async (subject) => {
    const message = inferMessage(subject.tensors, false);
    sameOutputs(outputsOf(await subject.infer(withHeader(message, String(message.body.byteLength)))), await subject.reference());
  }),
  check(
    "raw",
    "a header of 0: the body is the only input's bytes, and every output comes as bytes",
    async (subject) => {
      const [input, ...others] = subject.facts.inputs;
      const [tensor] = Object.values(subject.tensors);
      if (input === undefined || tensor === undefined || others.length > 0) throw new Skip("the model has not one input");
      if (input.datatype === "BYTES" || input.shape.filter((dim) => dim === -1).length > 1)
        throw new Skip("its shape cannot be told from bytes");
      const headers = { "content-type": "application/octet-stream", "inference-header-content-length": "0" };
      const reply = await subject.infer({ body: Buffer.from(binaryOf(tensor)), headers });
      sameOutputs(binaryOutputsOf(reply).outputs, await subject.reference());
    },
    "should",
    rules.binaryRaw,
  ),
  check(
    "gzip",
    "a body may be compressed with gzip; the header counts bytes of what it was",
    async (subject) => {
      const { value, parts } = binaryRequest(subject);
      const { body, headers } = binaryMessage(value, parts);
      const reply = await subject.infer({ body: gzipSync(body), headers: { ...headers, "content-encoding": "gzip" } });
      sameOutputs(outputsOf(reply), await subject.reference());
    },
    "should",
    rules.http,
  ),
  refused("too-few", "fewer bytes than the sizes say are refused", (subject) => {
    const { value, parts } = binaryRequest(subject);
    const { body, headers } = binaryMessage(value, parts);
    return { body: body.subarray(0, -1), headers };
  }),
  refused("too-many", "more bytes than the sizes say are refused", (subject) => {
    const { value, parts } = binaryRequest(subject);
    return binaryMessage(value, [...parts, new Uint8Array(4)]);
  }),
  refused("size-of-shape", "a size that is not its shape's is refused", (subject) => {
    const { value, parts } = binaryRequest(subject);
    const [first = {}, ...rest] = value["inputs"] as Record<string, unknown>[];
    const shape = [...(first["shape"] as number[]), 3];
    return binaryMessage({ inputs: [{ ...first, shape }, ...rest] }, parts);
  }),
  refused("header-text", "a header that is no number is refused", (subject) => {
    const { value, parts } = binaryRequest(subject);
    return withHeader(binaryMessage(value, parts), "many");
  }),
  refused("header-too-long", "a header past the body's end is refused", (subject) => {
    const { value, parts } = binaryRequest(subject);
    const message = binaryMessage(value, parts);
    return withHeader(message, String(message.body.byteLength + 1));
  }),
];
