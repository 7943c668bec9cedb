/** Settings after they were checked, by their place in the config file; undefined where nobody set one. */
export interface Values {
  readonly model?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly name?: string | undefined;
  readonly device?: readonly string[] | undefined;
  readonly execution?: "auto" | "inline" | "worker" | "process" | undefined;
  readonly threads?: number | undefined;
  readonly maxWorkers?: number | undefined;
  readonly maxRunMs?: number | undefined;
  readonly maxRssBytes?: number | undefined;
  readonly "batching.mode"?: "auto" | "on" | "off" | undefined;
  readonly "batching.maxBatchSize"?: number | undefined;
  readonly "batching.maxDelayMs"?: number | undefined;
  readonly queueLimit?: number | undefined;
  readonly "limits.timeoutMs"?: number | undefined;
  readonly "limits.jsonBytes"?: number | undefined;
  readonly "limits.binaryBytes"?: number | undefined;
  readonly "limits.batchItems"?: number | undefined;
  readonly drainTimeoutMs?: number | undefined;
  readonly control?: "none" | "watch" | "explicit" | undefined;
  readonly load?: readonly string[] | undefined;
  readonly apiKeys?: string | undefined;
  readonly cors?: readonly string[] | undefined;
  readonly grpcPort?: number | undefined;
  readonly processes?: number | undefined;
  readonly log?: "auto" | "pretty" | "json" | "off" | undefined;
}

/** A setting's place in the config file. */
export type SettingKey = keyof Values;

/** One setting of `predikt serve`: the same thing as a flag, an environment variable and a key of the config file. */
export interface Setting {
  /** Where it stands in the config file. */
  readonly key: SettingKey;
  /** As commander reads it. Undefined for the argument. */
  readonly flag?: string;
  readonly env: string;
  readonly about: string;
  /** Shown in the help. */
  readonly fallback?: string;
}

/** Every setting, in the order of the help. What they may be stands in schema.ts. */
export const settings: readonly Setting[] = [
  {
    key: "model",
    env: "PREDIKT_MODEL",
    about: "an .onnx file or its URL, a model repository, or a module that exports predictors or a registry",
  },
  { key: "host", flag: "--host <address>", env: "PREDIKT_HOST", about: "address to listen on", fallback: "127.0.0.1" },
  {
    key: "port",
    flag: "--port <number>",
    env: "PREDIKT_PORT",
    about: "port to listen on; 0 takes a free one and prints it",
    fallback: "3000",
  },
  { key: "name", flag: "--name <name>", env: "PREDIKT_NAME", about: "name of a served file's model", fallback: "the file's name" },
  {
    key: "device",
    flag: "--device <list>",
    env: "PREDIKT_DEVICE",
    about: "devices in the order to try: cuda, cpu, wasm, auto",
    fallback: "auto",
  },
  {
    key: "execution",
    flag: "--execution <where>",
    env: "PREDIKT_EXECUTION",
    about: "where runs happen: auto, inline, worker or process",
    fallback: "auto",
  },
  { key: "threads", flag: "--threads <count>", env: "PREDIKT_THREADS", about: "threads that one run may use", fallback: "1" },
  {
    key: "maxWorkers",
    flag: "--max-workers <count>",
    env: "PREDIKT_MAX_WORKERS",
    about: "workers that a model may grow to",
    fallback: "the CPU budget",
  },
  { key: "maxRunMs", flag: "--max-run-ms <ms>", env: "PREDIKT_MAX_RUN_MS", about: "kill a run after this; makes the execution process" },
  {
    key: "maxRssBytes",
    flag: "--max-rss <bytes>",
    env: "PREDIKT_MAX_RSS",
    about: "kill a process past this memory, such as 2GiB; makes the execution process",
  },
  {
    key: "batching.mode",
    flag: "--batching <mode>",
    env: "PREDIKT_BATCHING",
    about: "whether requests share runs: auto (where that is safe), on or off",
    fallback: "auto",
  },
  {
    key: "batching.maxBatchSize",
    flag: "--max-batch-size <rows>",
    env: "PREDIKT_MAX_BATCH_SIZE",
    about: "rows that a run may carry",
    fallback: "32",
  },
  {
    key: "batching.maxDelayMs",
    flag: "--max-delay-ms <ms>",
    env: "PREDIKT_MAX_DELAY_MS",
    about: "how long a part-filled batch waits while another runs",
    fallback: "0",
  },
  {
    key: "queueLimit",
    flag: "--queue-limit <count>",
    env: "PREDIKT_QUEUE_LIMIT",
    about: "requests that may wait; more are answered with 429",
    fallback: "1024",
  },
  {
    key: "limits.timeoutMs",
    flag: "--timeout-ms <ms>",
    env: "PREDIKT_TIMEOUT_MS",
    about: "longest time that a prediction may take; then 504",
    fallback: "none",
  },
  { key: "limits.jsonBytes", flag: "--max-json <bytes>", env: "PREDIKT_MAX_JSON", about: "bytes of a JSON body", fallback: "4MiB" },
  {
    key: "limits.binaryBytes",
    flag: "--max-binary <bytes>",
    env: "PREDIKT_MAX_BINARY",
    about: "bytes of a binary body",
    fallback: "64MiB",
  },
  {
    key: "limits.batchItems",
    flag: "--max-batch-items <count>",
    env: "PREDIKT_MAX_BATCH_ITEMS",
    about: "items of one /batch request",
    fallback: "1024",
  },
  {
    key: "drainTimeoutMs",
    flag: "--drain-timeout-ms <ms>",
    env: "PREDIKT_DRAIN_TIMEOUT_MS",
    about: "how long SIGTERM waits for requests under way",
    fallback: "10000",
  },
  {
    key: "control",
    flag: "--control <mode>",
    env: "PREDIKT_CONTROL",
    about: "a repository: none (what is there), watch (follow the files), explicit (clients load and unload)",
    fallback: "none",
  },
  { key: "load", flag: "--load <list>", env: "PREDIKT_LOAD", about: "with --control explicit: models to load at once", fallback: "none" },
  {
    key: "apiKeys",
    flag: "--api-keys <file>",
    env: "PREDIKT_API_KEYS",
    about: "JSON file of keys that may ask: [{ id, hash, scopes }]; read again when it changes",
    fallback: "everybody may",
  },
  { key: "cors", flag: "--cors <list>", env: "PREDIKT_CORS", about: "origins whose pages may ask, or *", fallback: "none" },
  { key: "grpcPort", flag: "--grpc-port <number>", env: "PREDIKT_GRPC_PORT", about: "OIP over gRPC on this port too", fallback: "none" },
  {
    key: "processes",
    flag: "--processes <count>",
    env: "PREDIKT_PROCESSES",
    about: "processes that share the port; SIGHUP replaces them one by one",
    fallback: "1",
  },
  {
    key: "log",
    flag: "--log <form>",
    env: "PREDIKT_LOG",
    about: "one line a request on stderr: pretty, json, off; auto is pretty on a terminal, else json",
    fallback: "auto",
  },
];

/** The name under which commander keeps a flag's value: `--max-run-ms <ms>` is `maxRunMs`. */
export function flagName(flag: string): string {
  const [long = ""] = flag.slice(2).split(" ");
  return long.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
