import { inferMessage, jsonMessage } from "../lib/oip-message.ts";
import { type Check, Mismatch, rules, Skip } from "./check.ts";
import { sameOutputs } from "./compare.ts";
import { kindOf, objectOf, outputsOf, type Subject } from "./subject.ts";

/** Requests that go at once, to see whether answers are mixed up. */
const atOnce = 8;

/** Asks with a request of its own and gives the answer's outputs. */
async function ask(subject: Subject, request: object): Promise<ReturnType<typeof outputsOf>> {
  return outputsOf(await subject.infer(jsonMessage(request)));
}

/** Flat elements as the nested arrays of a shape. */
export function nested(flat: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length <= 1) return flat;
  const [first = 0, ...rest] = shape;
  const width = flat.length / Math.max(1, first);
  return Array.from({ length: first }, (_, i) => nested(flat.slice(i * width, (i + 1) * width), rest));
}

/** Inference with JSON. */
export const inferChecks: readonly Check[] = [
  {
    id: "infer.json",
    title: "POST …/infer answers with every output, each as the metadata has it",
    level: "must",
    rule: rules.response,
    async run(subject) {
      const reply = await subject.infer(inferMessage(subject.tensors, false));
      const { model_name: name } = objectOf(reply);
      if (name !== subject.model) throw new Mismatch(`model_name "${subject.model}"`, JSON.stringify(name) ?? "none");
      if (!/^application\/json\b/.test(reply.headers["content-type"] ?? ""))
        throw new Mismatch("content-type application/json", reply.headers["content-type"] ?? "none");
      const outputs = outputsOf(reply);
      for (const { name, datatype, shape } of subject.facts.outputs) {
        const output = outputs.find((each) => each.name === name);
        if (output === undefined) throw new Mismatch(`output "${name}"`, outputs.map((each) => each.name).join(", ") || "none");
        if (output.datatype !== datatype) throw new Mismatch(`output "${name}" as ${datatype}`, output.datatype);
        const fits = shape.length === output.shape.length && shape.every((dim, axis) => dim === -1 || dim === output.shape[axis]);
        if (!fits) throw new Mismatch(`output "${name}" of [${shape.join(", ")}]`, `[${output.shape.join(", ")}]`);
      }
    },
  },
  {
    id: "infer.repeated",
    title: "the same request has the same answer",
    level: "must",
    rule: rules.inference,
    async run(subject) {
      sameOutputs(await ask(subject, subject.request()), await subject.reference());
    },
  },
  {
    id: "infer.id",
    title: "an id comes back as it was sent",
    level: "must",
    rule: rules.response,
    async run(subject) {
      for (const id of ["42", "a b/ü"]) {
        const answer = objectOf(await subject.infer(jsonMessage(subject.request({ id }))));
        if (answer["id"] !== id) throw new Mismatch(`id ${JSON.stringify(id)}`, JSON.stringify(answer["id"]) ?? "none");
      }
    },
  },
  {
    id: "infer.no-id",
    title: "no id comes back where none was sent",
    level: "should",
    rule: rules.response,
    async run(subject) {
      const { id } = objectOf(await subject.infer(jsonMessage(subject.request())));
      if (id !== undefined && id !== "") throw new Mismatch("no id", JSON.stringify(id));
    },
  },
  {
    id: "infer.nested",
    title: "data may be nested as its shape is",
    level: "must",
    rule: rules.tensorData,
    async run(subject) {
      const { inputs } = subject.request();
      const deep = inputs.map((input) => ({ ...input, data: nested(input["data"] as unknown[], input["shape"] as number[]) }));
      sameOutputs(await ask(subject, { inputs: deep }), await subject.reference());
    },
  },
  {
    id: "infer.input-order",
    title: "inputs may come in any order",
    level: "must",
    rule: rules.request,
    async run(subject) {
      const { inputs } = subject.request();
      if (inputs.length < 2) throw new Skip("the model has one input");
      sameOutputs(await ask(subject, { inputs: [...inputs].reverse() }), await subject.reference());
    },
  },
  {
    id: "infer.requested-outputs",
    title: "only the outputs that were asked for are sent",
    level: "must",
    rule: rules.request,
    async run(subject) {
      const reference = await subject.reference();
      for (const { name } of subject.facts.outputs) {
        const outputs = await ask(subject, subject.request({ outputs: [{ name }] }));
        sameOutputs(
          outputs,
          reference.filter((output) => output.name === name),
        );
      }
    },
  },
  {
    id: "infer.output-order",
    title: "outputs come in the order in which they were asked for",
    level: "should",
    rule: rules.request,
    async run(subject) {
      const names = subject.facts.outputs.map(({ name }) => name).reverse();
      if (names.length < 2) throw new Skip("the model has one output");
      const outputs = await ask(subject, subject.request({ outputs: names.map((name) => ({ name })) }));
      const got = outputs.map(({ name }) => name);
      if (String(got) !== String(names)) throw new Mismatch(names.join(", "), got.join(", "));
    },
  },
  {
    id: "infer.version",
    title: "a version can be named, and the answer says which it is",
    level: "must",
    rule: rules.inference,
    async run(subject) {
      const version = subject.version ?? subject.facts.versions[0];
      if (version === undefined) throw new Skip("the model has no versions");
      const path = `/v2/models/${encodeURIComponent(subject.model)}/versions/${encodeURIComponent(version)}/infer`;
      const { model_version: got } = objectOf(await subject.post(path, inferMessage(subject.tensors, false)));
      if (got !== version) throw new Mismatch(`model_version "${version}"`, JSON.stringify(got) ?? "none");
    },
  },
  {
    id: "infer.parameters",
    title: "parameters that it does not know do no harm",
    level: "should",
    rule: rules.parameters,
    async run(subject) {
      const parameters = { predikt_conformance: "a string", predikt_number: 1, predikt_flag: true };
      sameOutputs(await ask(subject, subject.request({ parameters })), await subject.reference());
    },
  },
  {
    id: "infer.isolation",
    title: `${atOnce} different requests at once: each has its own answer`,
    level: "must",
    rule: rules.isolation,
    async run(subject) {
      const { others } = subject;
      if (others === undefined) throw new Skip("no other input can be made of this model's metadata");
      const inputs = Array.from({ length: atOnce }, others);
      const alone: Awaited<ReturnType<typeof ask>>[] = [];
      for (const tensors of inputs) alone.push(outputsOf(await subject.infer(inferMessage(tensors, false))));
      const together = await Promise.all(
        inputs.map(async (tensors, i) => {
          const { inputs } = JSON.parse(inferMessage(tensors, false).body.toString()) as { inputs: object[] };
          const reply = await subject.infer(jsonMessage({ id: String(i), inputs }));
          const { id } = objectOf(reply);
          if (typeof id === "string" && id !== String(i)) throw new Mismatch(`id "${i}"`, kindOf(id) === "string" ? `"${id}"` : kindOf(id));
          return outputsOf(reply);
        }),
      );
      for (const [i, outputs] of together.entries()) sameOutputs(outputs, alone[i] as (typeof alone)[number], `request ${i}: `);
    },
  },
];
