import * as z from "zod";
import { parseBytes } from "../lib/units.ts";
import type { SettingKey, Values } from "./settings.ts";

/** Flags and variables are text; files have numbers. */
const numeric = (value: unknown): unknown => (typeof value === "string" && value.trim() !== "" ? Number(value) : value);

const whole = (min: number, max: number = Number.MAX_SAFE_INTEGER) => {
  const expected = max === Number.MAX_SAFE_INTEGER ? `a whole number ≥ ${min}` : `a whole number from ${min} to ${max}`;
  return z.preprocess(numeric, z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected }));
};
const duration = z.preprocess(
  numeric,
  z
    .number({ error: "milliseconds above 0" })
    .gt(0, { error: "milliseconds above 0" })
    .lt(2 ** 31, { error: "milliseconds below 2147483648" }),
);
const size = z.preprocess(
  (value) => (typeof value === "string" ? (parseBytes(value) ?? value) : value),
  z.int({ error: 'bytes ≥ 1, such as 4194304 or "4MiB"' }).min(1, { error: 'bytes ≥ 1, such as 4194304 or "4MiB"' }),
);
const word = <const T extends readonly string[]>(...words: T) => z.enum(words, { error: `one of ${words.join(", ")}` });
const text = z.string({ error: "text" }).min(1, { error: "text" });
const list = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((part) => part.trim()) : value),
  z.array(text, { error: "a list of names" }).min(1, { error: "a list of names" }),
);

/** What each setting may be. The messages say what was expected. */
export const schemas: { readonly [K in SettingKey]-?: z.ZodType<NonNullable<Values[K]>> } = {
  model: text,
  host: text,
  port: whole(0, 65_535),
  name: z.string().regex(/^(?!\.\.?$)[\w.-]+$/, { error: "letters, digits, _ - ." }),
  device: list,
  execution: word("auto", "inline", "worker", "process"),
  threads: whole(1),
  maxWorkers: whole(1),
  maxRunMs: duration,
  maxRssBytes: size,
  "batching.mode": word("auto", "on", "off"),
  "batching.maxBatchSize": whole(1),
  "batching.maxDelayMs": z.preprocess(numeric, z.number({ error: "milliseconds ≥ 0" }).min(0, { error: "milliseconds ≥ 0" })),
  queueLimit: whole(0),
  "limits.timeoutMs": duration,
  "limits.jsonBytes": size,
  "limits.binaryBytes": size,
  "limits.batchItems": whole(1),
  drainTimeoutMs: duration,
  control: word("none", "watch", "explicit"),
  load: list,
  apiKeys: text,
  cors: list,
  grpcPort: whole(0, 65_535),
  processes: whole(1, 256),
  log: word("auto", "pretty", "json", "off"),
};
