import { expect, it } from "vitest";
import { UsageError } from "../lib/failure.ts";
import { configure, type Sources } from "./configure.ts";
import { schemas } from "./schema.ts";
import { flagName, settings } from "./settings.ts";

const sources = (given: Partial<Sources>): Sources => ({ model: undefined, flags: {}, env: {}, file: undefined, ...given });
const file = (values: Record<string, unknown>): Sources["file"] => ({
  path: "predikt.config.json",
  values: new Map(Object.entries(values)),
});

it("has a schema for each setting, a flag for each but the argument, and no name twice", () => {
  expect(Object.keys(schemas)).toEqual(settings.map(({ key }) => key));
  expect(settings.filter(({ flag }) => flag === undefined).map(({ key }) => key)).toEqual(["model"]);
  for (const names of [settings.map(({ env }) => env), settings.map(({ flag = "" }) => flag)])
    expect(new Set(names).size).toBe(names.length);
  for (const { flag, env } of settings.slice(1))
    expect(env).toBe(`PREDIKT_${flag?.slice(2).split(" ")[0]?.toUpperCase().replaceAll("-", "_")}`);
});

it("takes flags before the environment before the file", () => {
  const all = { flags: { port: "1" }, env: { PREDIKT_PORT: "2" }, file: file({ port: 3 }) };
  const portOf = (given: Partial<Sources>) => {
    const { values, from } = configure(sources(given));
    return [values.port, from.port];
  };
  expect(portOf(all)).toEqual([1, "--port"]);
  expect(portOf({ ...all, flags: {} })).toEqual([2, "PREDIKT_PORT"]);
  expect(portOf({ file: all.file })).toEqual([3, "predikt.config.json"]);
  expect(portOf({ env: { PREDIKT_PORT: "" } })).toEqual([undefined, undefined]);
});

it("reads numbers, bytes and lists of text, and of the file as they are", () => {
  const { values } = configure(
    sources({
      flags: { [flagName("--max-json <bytes>")]: "8MiB", device: "cuda, cpu" },
      env: { PREDIKT_MAX_DELAY_MS: "0.5" },
      file: file({ "batching.maxBatchSize": 64, "limits.binaryBytes": "1GiB", queueLimit: 0 }),
    }),
  );
  expect(values).toEqual({
    "limits.jsonBytes": 8 * 2 ** 20,
    "limits.binaryBytes": 2 ** 30,
    device: ["cuda", "cpu"],
    "batching.maxDelayMs": 0.5,
    "batching.maxBatchSize": 64,
    queueLimit: 0,
  });
});

it("names every setting that is wrong, what was expected, and where it came from", () => {
  const wrong = sources({
    flags: { port: "http" },
    env: { PREDIKT_LOG: "loud" },
    file: file({ threads: 0, "batching.maxBatchsize": 3, colour: "red" }),
  });
  expect(() => configure(wrong)).toThrow(UsageError);
  expect(() => configure(wrong)).toThrow(
    'port: expected a whole number from 0 to 65535, got "http" (from --port); ' +
      "threads: expected a whole number ≥ 1, got 0 (from predikt.config.json); " +
      'log: expected one of auto, pretty, json, off, got "loud" (from PREDIKT_LOG); ' +
      "batching.maxBatchsize: there is no such setting; is batching.maxBatchSize meant? (from predikt.config.json); " +
      "colour: there is no such setting (from predikt.config.json)",
  );
});

it("warns of variables that look like its own and are none", () => {
  expect(configure(sources({ env: { PREDIKT_PROT: "1", PATH: "" } })).warnings).toEqual([
    "PREDIKT_PROT: there is no such setting; is PREDIKT_PORT meant?; it is ignored",
  ]);
});
