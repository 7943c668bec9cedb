import { readFile } from "node:fs/promises";
import { type Tensor, tensor } from "@predikt/core";
import { Failure, UsageError } from "../lib/failure.ts";
import { type HttpClient, jsonOf } from "../lib/http-client.ts";
import { dtypeOf } from "../lib/oip-message.ts";
import { randomTensors } from "../lib/random-tensors.ts";
import { parseServerUrl } from "../lib/server-url.ts";
import type { ConformanceOptions } from "./command.ts";
import { type ModelFacts, Subject, type TensorMetadata } from "./subject.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** Finds the model and an input for it. @throws Failure where the server does not answer or no input can be made; UsageError */
export async function openSubject(url: string, options: ConformanceOptions, client: HttpClient): Promise<Subject> {
  const place = parseServerUrl(url);
  const { base } = place;
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const reply = await client.send(base + path, { timeoutMs: options.timeoutMs });
    if (reply.status === 401 || reply.status === 403)
      throw new Failure(`${base}${path} answered ${reply.status}; a --header may say who asks`);
    const json = jsonOf(reply);
    return reply.status === 200 && typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  };
  const { extensions } = await get("/v2");
  const model = options.model ?? place.model ?? onlyModel((await get("/v2/models"))["models"]);
  const version = options.modelVersion ?? place.version;
  const by = version === undefined ? "" : `/versions/${encodeURIComponent(version)}`;
  const { inputs, outputs, versions } = await get(`/v2/models/${encodeURIComponent(model)}${by}`);
  if (!Array.isArray(inputs) || !Array.isArray(outputs))
    throw new Failure(
      `GET ${base}/v2/models/${model}${by} does not tell the model's inputs and outputs, without which nothing can be checked`,
    );
  const facts: ModelFacts = { inputs, outputs, versions: strings(versions), extensions: strings(extensions) };
  const own = options.input === undefined ? undefined : await readRequest(options.input);
  const floats = facts.inputs.some(({ datatype }) => /^FP\d/.test(datatype));
  const others = own === undefined && floats ? () => made(facts.inputs) : undefined;
  return new Subject({ base, model, version, facts, tensors: own ?? made(facts.inputs), others }, client, options.timeoutMs);
}

function onlyModel(models: unknown): string {
  const names = strings(models);
  if (names.length === 1) return names[0] as string;
  throw new UsageError(`--model: say which one${names.length > 1 ? `: ${names.join(", ")}` : "; the server does not list them"}`);
}

function made(inputs: readonly TensorMetadata[]): Tensors {
  return randomTensors(
    inputs.map(({ name, datatype, shape }) => {
      const dtype = dtypeOf(datatype);
      if (dtype === undefined) throw new Failure(`input "${name}" is ${datatype}, of which no tensor can be made`);
      return { name, dtype, shape: shape.map((dim) => (dim < 0 ? "" : dim)) };
    }),
    1,
  );
}

async function readRequest(path: string): Promise<Tensors> {
  try {
    const { inputs } = JSON.parse(await readFile(path, "utf8")) as { inputs: (TensorMetadata & { data: never })[] };
    return Object.fromEntries(
      inputs.map(({ name, datatype, shape, data }) => {
        const dtype = dtypeOf(datatype);
        if (dtype === undefined) throw new Error(`input "${name}" is ${datatype}`);
        return [name, tensor(dtype, (data as unknown[]).flat(Number.POSITIVE_INFINITY) as never, shape) as Tensor];
      }),
    );
  } catch (cause) {
    throw new UsageError(`--input: ${path} is no inference request: ${(cause as Error).message}`, { cause });
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}
