import { jsonOf, type Reply } from "../lib/http-client.ts";
import { type Check, Mismatch, rules, Skip } from "./check.ts";
import { kindOf, objectOf, type Subject, type TensorMetadata } from "./subject.ts";

const datatypes = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
  "BF16",
];

/** A name that no server has. */
export const nobody = "predikt-conformance-no-such-model";

async function expectStatus(subject: Subject, path: string, status: number): Promise<void> {
  const reply = await subject.send(path);
  if (reply.status !== status) throw new Mismatch(`status ${status}`, String(reply.status));
}

/** Health and metadata. */
export const metadataChecks: readonly Check[] = [
  {
    id: "health.live",
    title: "GET /v2/health/live is 200",
    level: "must",
    rule: rules.health,
    run: (subject) => expectStatus(subject, "/v2/health/live", 200),
  },
  {
    id: "health.ready",
    title: "GET /v2/health/ready is 200",
    level: "must",
    rule: rules.health,
    run: (subject) => expectStatus(subject, "/v2/health/ready", 200),
  },
  {
    id: "health.model-ready",
    title: "GET …/ready of the model is 200",
    level: "must",
    rule: rules.health,
    run: (subject) => expectStatus(subject, subject.path("/ready"), 200),
  },
  {
    id: "health.unknown-model",
    title: "GET …/ready of a model that is not there is a 4xx",
    level: "must",
    rule: rules.health,
    async run(subject) {
      const { status } = await subject.send(`/v2/models/${nobody}/ready`);
      if (status < 400 || status > 499) throw new Mismatch("a 4xx", String(status));
    },
  },
  {
    id: "metadata.server",
    title: "GET /v2 tells name, version and extensions",
    level: "must",
    rule: rules.serverMetadata,
    async run(subject) {
      const { name, version, extensions } = objectOf(await subject.send("/v2"));
      if (typeof name !== "string") throw new Mismatch("name, a string", kindOf(name));
      if (typeof version !== "string") throw new Mismatch("version, a string", kindOf(version));
      if (!Array.isArray(extensions) || !extensions.every((each) => typeof each === "string"))
        throw new Mismatch("extensions, an array of strings", kindOf(extensions));
    },
  },
  {
    id: "metadata.model",
    title: "GET of the model tells its name and platform, and each tensor's name, datatype and shape",
    level: "must",
    rule: rules.modelMetadata,
    async run(subject) {
      const { name, platform, inputs, outputs } = objectOf(await subject.send(subject.path()));
      if (name !== subject.model) throw new Mismatch(`name "${subject.model}"`, JSON.stringify(name) ?? "none");
      if (typeof platform !== "string") throw new Mismatch("platform, a string", kindOf(platform));
      for (const [where, list] of Object.entries({ inputs, outputs })) {
        if (!Array.isArray(list)) throw new Mismatch(`${where}, an array`, kindOf(list));
        for (const [i, { name, datatype, shape }] of (list as Partial<TensorMetadata>[]).entries()) {
          const right = typeof name === "string" && typeof datatype === "string" && Array.isArray(shape);
          if (!right) throw new Mismatch(`${where}[${i}] with name, datatype and shape`, JSON.stringify(list[i]));
          const odd = shape?.find((dim) => !Number.isSafeInteger(dim) || dim < -1);
          if (odd !== undefined) throw new Mismatch(`${where}[${i}].shape of whole numbers ≥ -1`, JSON.stringify(shape));
        }
      }
    },
  },
  {
    id: "metadata.datatypes",
    title: "every datatype is one of the protocol's",
    level: "must",
    rule: rules.datatypes,
    async run({ facts }) {
      const odd = [...facts.inputs, ...facts.outputs].find(({ datatype }) => !datatypes.includes(datatype));
      if (odd !== undefined) throw new Mismatch(`"${odd.name}" of one of ${datatypes.join(", ")}`, odd.datatype);
    },
  },
  {
    id: "metadata.versions",
    title: "versions are strings, and each one's metadata can be read",
    level: "must",
    rule: rules.modelMetadata,
    async run(subject) {
      const { versions } = jsonOf(await subject.send(`/v2/models/${encodeURIComponent(subject.model)}`)) as { versions?: unknown };
      if (versions === undefined) throw new Skip("the model has no versions");
      if (!Array.isArray(versions) || !versions.every((each) => typeof each === "string"))
        throw new Mismatch("versions, an array of strings", JSON.stringify(versions));
      for (const version of versions as string[]) {
        const { name } = objectOf(
          await subject.send(`/v2/models/${encodeURIComponent(subject.model)}/versions/${encodeURIComponent(version)}`),
        );
        if (name !== subject.model) throw new Mismatch(`name "${subject.model}" of version ${version}`, JSON.stringify(name) ?? "none");
      }
    },
  },
  {
    id: "metadata.unknown-model",
    title: "GET of a model that is not there is a 4xx with an error",
    level: "must",
    rule: rules.metadataErrors,
    async run(subject) {
      expectRefusal(await subject.send(`/v2/models/${nobody}`));
    },
  },
];

/** Holds a reply to being a 4xx with `{"error": text}`. @param statuses Those that fit best. */
export function expectRefusal(reply: Reply, ...statuses: readonly number[]): void {
  const { status } = reply;
  const expected = statuses.length === 0 ? "a 4xx" : `status ${statuses.join(" or ")}`;
  const right = statuses.length === 0 ? status >= 400 && status <= 499 : statuses.includes(status);
  if (!right) throw new Mismatch(expected, String(status));
  const { error } = (jsonOf(reply) ?? {}) as { error?: unknown };
  if (typeof error !== "string" || error === "")
    throw new Mismatch('a body of {"error": text}', reply.body.subarray(0, 120).toString() || "nothing");
}
