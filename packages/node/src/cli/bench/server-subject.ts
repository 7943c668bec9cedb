import type { TensorSpec } from "@predikt/core";
import { headersOf } from "../lib/arguments.ts";
import { Failure, UsageError } from "../lib/failure.ts";
import { findProtocol } from "../lib/find-protocol.ts";
import { createHttpClient, type HttpClient, jsonOf, type Reply } from "../lib/http-client.ts";
import { dtypeOf, inferMessage, jsonMessage, type Message } from "../lib/oip-message.ts";
import { randomTensors } from "../lib/random-tensors.ts";
import { parseServerUrl } from "../lib/server-url.ts";
import type { BenchOptions } from "./command.ts";
import type { Counts } from "./measure.ts";
import type { OpenSubject } from "./subject.ts";

/** What is asked, and where it is counted. */
interface Plan {
  readonly url: string;
  readonly message: Message;
  readonly protocol: string;
  readonly statsUrl: string;
  readonly countsOf: (json: unknown) => Counts | undefined;
}

/** A model on a server. @throws UsageError, Failure */
export async function serverSubject(target: string, input: unknown, options: BenchOptions): Promise<OpenSubject> {
  const place = parseServerUrl(target);
  const headers = headersOf(options.header);
  const asked = options.protocol === "auto" ? undefined : options.protocol;
  const found = asked ?? place.protocol ?? (options.binary === true ? "oip" : await findProtocol(place.base, headers));
  if (options.binary === true && found !== "oip") throw new UsageError("--binary: needs --protocol oip");
  const client = createHttpClient(headers);
  const model = options.model ?? place.model;
  const version = options.modelVersion ?? place.version;
  const plan =
    found === "oip"
      ? await oipPlan(client, place.base, { model, version, input, options })
      : await typedPlan(client, place.base, { model, version, label: place.label, input, options });
  return {
    what: plan.url,
    protocol: plan.protocol,
    cpuOf: "client",
    async ask() {
      const reply = await client.send(plan.url, { method: "POST", headers: plan.message.headers, body: plan.message.body });
      if (reply.status !== 200) throw refusal(plan.url, reply);
    },
    async counts() {
      const reply = await client.send(plan.statsUrl).catch(() => undefined);
      return reply?.status === 200 ? plan.countsOf(jsonOf(reply)) : undefined;
    },
    async close() {
      client.close();
    },
  };
}

interface Wish {
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly label?: string | undefined;
  readonly input: unknown;
  readonly options: BenchOptions;
}

async function typedPlan(client: HttpClient, base: string, { model: named, version, label, input, options }: Wish): Promise<Plan> {
  const model = encodeURIComponent(named ?? (await defaultModel(client, base)));
  const item = input ?? (await getJson(client, `${base}/models/${model}/example`));
  if (item === null) throw new UsageError("--input: the server has no example for this model, so an input is needed");
  const by =
    version !== undefined ? `/versions/${encodeURIComponent(version)}` : label !== undefined ? `/labels/${encodeURIComponent(label)}` : "";
  const { rows } = options;
  return {
    url: `${base}/predict/${model}${by}${rows > 1 ? "/batch" : ""}`,
    message: jsonMessage(rows > 1 ? new Array(rows).fill(item) : item),
    protocol: "typed route, JSON",
    statsUrl: `${base}/models/${model}`,
    countsOf: (json) => (json as { stats?: Counts } | undefined)?.stats,
  };
}

async function defaultModel(client: HttpClient, base: string): Promise<string> {
  const { models = [] } = (await getJson(client, `${base}/models`)) as { models?: { name: string; default?: boolean }[] };
  const found = models.find((model) => model.default === true);
  if (found === undefined) throw new UsageError(`--model: one of ${models.map(({ name }) => name).join(", ")}`);
  return found.name;
}

interface OipMetadata {
  readonly inputs?: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[];
}

async function oipPlan(client: HttpClient, base: string, { model, version, input, options }: Wish): Promise<Plan> {
  if (model === undefined) throw new UsageError("--model: a server that speaks OIP does not say which model is meant");
  const by = version === undefined ? "" : `/versions/${encodeURIComponent(version)}`;
  const url = `${base}/v2/models/${encodeURIComponent(model)}${by}`;
  const binary = options.binary === true;
  let message: Message;
  if (input !== undefined) {
    if (binary) throw new UsageError("--input: an OIP request is sent as it is; leave --binary or --input out");
    if (options.rows > 1)
      throw new UsageError("--input: an OIP request is sent as it is, with the rows that it has; leave --rows or --input out");
    message = jsonMessage(input);
  } else {
    const { inputs = [] } = (await getJson(client, url)) as OipMetadata;
    message = inferMessage(randomTensors(inputs.map(specOf), options.rows), binary);
  }
  return {
    url: `${url}/infer`,
    message,
    protocol: binary ? "OIP v2, binary" : "OIP v2, JSON",
    statsUrl: `${url}/stats`,
    countsOf(json) {
      const [stats] = (json as { model_stats?: { inference_count: number; execution_count: number }[] } | undefined)?.model_stats ?? [];
      return stats && { runs: stats.execution_count, rows: stats.inference_count };
    },
  };
}

function specOf({ name, datatype, shape }: { name: string; datatype: string; shape: readonly number[] }): TensorSpec {
  const dtype = dtypeOf(datatype);
  if (dtype === undefined) throw new Failure(`input "${name}" is ${datatype}, of which no random tensor can be made; give an --input`);
  return { name, dtype, shape: shape.map((dim) => (dim < 0 ? "" : dim)) };
}

async function getJson(client: HttpClient, url: string): Promise<unknown> {
  const reply = await client.send(url);
  if (reply.status !== 200) throw refusal(url, reply);
  return jsonOf(reply);
}

function refusal(url: string, reply: Reply): Error {
  const { error } = (jsonOf(reply) ?? {}) as { error?: unknown };
  const text = typeof error === "string" ? `: ${error}` : "";
  return Object.assign(new Failure(`${url} answered ${reply.status}${text}`), { code: `HTTP ${reply.status}` });
}
