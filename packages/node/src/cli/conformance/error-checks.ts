import { inferMessage, jsonMessage, type Message } from "../lib/oip-message.ts";
import { type Check, Mismatch, rules, Skip } from "./check.ts";
import { sameOutputs } from "./compare.ts";
import { expectRefusal, nobody } from "./metadata-checks.ts";
import { outputsOf, type Subject } from "./subject.ts";

type Input = Record<string, unknown>;

const text = (body: string): Message => ({ body: Buffer.from(body), headers: { "content-type": "application/json" } });

/** The valid request with its first input changed. */
function changed(subject: Subject, change: (input: Input) => Input): Message {
  const [first = {}, ...rest] = subject.request().inputs;
  return jsonMessage({ inputs: [change(first), ...rest] });
}

/** A request that a server must refuse with a 4xx and an error. */
function refused(name: string, title: string, messageOf: (subject: Subject) => Message, rule: string = rules.errors): Check {
  return {
    id: `errors.${name}`,
    title: `${title}: a 4xx with an error`,
    level: "must",
    rule,
    run: async (subject) => expectRefusal(await subject.infer(messageOf(subject))),
  };
}

/** What a number cannot be of each integer datatype. */
const beyond: Readonly<Record<string, number>> = {
  UINT8: 256,
  INT8: 128,
  UINT16: 65_536,
  INT16: 32_768,
  UINT32: 2 ** 32,
  INT32: 2 ** 31,
};

/** Requests that are wrong. */
export const errorChecks: readonly Check[] = [
  refused("malformed", "JSON that is cut off", () => text('{"inputs": [')),
  refused("empty", "no body", () => text("")),
  refused("no-object", "JSON that is no object", () => text("[1, 2, 3]")),
  refused("no-inputs", "no inputs", () => text("{}")),
  refused("missing-input", "an input that is missing", (subject) => jsonMessage({ inputs: subject.request().inputs.slice(1) })),
  refused("unknown-input", "an input that the model has not", (subject) => {
    const { inputs } = subject.request();
    return jsonMessage({ inputs: [...inputs, { name: nobody, shape: [1], datatype: "FP32", data: [0] }] });
  }),
  refused("duplicate-input", "an input twice", (subject) => {
    const { inputs } = subject.request();
    return jsonMessage({ inputs: [...inputs, inputs[0]] });
  }),
  refused("wrong-datatype", "another datatype than the model's", (subject) =>
    changed(subject, (input) => ({ ...input, datatype: input["datatype"] === "INT8" ? "FP32" : "INT8" })),
  ),
  refused("no-datatype", "a datatype that is none", (subject) => changed(subject, (input) => ({ ...input, datatype: "FP7" }))),
  refused("wrong-shape", "a shape of another rank", (subject) =>
    changed(subject, (input) => ({ ...input, shape: [...(input["shape"] as number[]), 1, 1] })),
  ),
  refused("data-count", "more data than the shape has", (subject) =>
    changed(subject, (input) => ({ ...input, data: [...(input["data"] as unknown[]), (input["data"] as unknown[])[0] ?? 0] })),
  ),
  refused("negative-dim", "a negative dimension", (subject) =>
    changed(subject, (input) => ({ ...input, shape: (input["shape"] as number[]).map((dim, axis) => (axis === 0 ? -1 : dim)) })),
  ),
  refused("element-type", "an element of another type", (subject) =>
    changed(subject, (input) => {
      const wrong = input["datatype"] === "BYTES" ? { a: 1 } : "text";
      return { ...input, data: [wrong, ...(input["data"] as unknown[]).slice(1)] };
    }),
  ),
  {
    id: "errors.integer-range",
    title: "an integer that its datatype cannot hold: a 4xx with an error",
    level: "should",
    rule: rules.sane,
    async run(subject) {
      const { inputs } = subject.request();
      const at = inputs.findIndex(({ datatype, data }) => beyond[datatype as string] !== undefined && (data as unknown[]).length > 0);
      if (at < 0) throw new Skip("no input is of integers of 32 bits or fewer");
      const spoilt = inputs.map((input, i) =>
        i === at ? { ...input, data: [beyond[input["datatype"] as string], ...(input["data"] as unknown[]).slice(1)] } : input,
      );
      expectRefusal(await subject.infer(jsonMessage({ inputs: spoilt })));
    },
  },
  refused("unknown-output", "an output that the model has not", (subject) => jsonMessage(subject.request({ outputs: [{ name: nobody }] }))),
  {
    id: "errors.unknown-model",
    title: "inference of a model that is not there: 404, or 400, with an error",
    level: "must",
    rule: rules.errors,
    run: async (subject) => expectRefusal(await subject.post(`/v2/models/${nobody}/infer`, inferMessage(subject.tensors, false)), 404, 400),
  },
  {
    id: "errors.unknown-version",
    title: "inference of a version that is not there: 404, or 400, with an error",
    level: "must",
    rule: rules.errors,
    async run(subject) {
      const path = `/v2/models/${encodeURIComponent(subject.model)}/versions/987654321/infer`;
      expectRefusal(await subject.post(path, inferMessage(subject.tensors, false)), 404, 400);
    },
  },
  {
    id: "errors.method",
    title: "GET of …/infer: 405",
    level: "should",
    rule: rules.http,
    async run(subject) {
      const { status } = await subject.send(subject.path("/infer"));
      if (status !== 405) throw new Mismatch("status 405", String(status));
    },
  },
  {
    id: "errors.alive",
    title: "after all that it is live, ready, and answers as before",
    level: "must",
    rule: rules.health,
    async run(subject) {
      for (const path of ["/v2/health/live", "/v2/health/ready"]) {
        const { status } = await subject.send(path);
        if (status !== 200) throw new Mismatch(`status 200 of ${path}`, String(status));
      }
      sameOutputs(outputsOf(await subject.infer(inferMessage(subject.tensors, false))), await subject.reference());
    },
  },
];
