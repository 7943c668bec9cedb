import type { z as Zod } from "zod";
import type { GoldenEntry, ModelManifest } from "./manifest.ts";

/** What checks a manifest. */
export interface ManifestSchemas {
  readonly manifest: Zod.ZodType<ModelManifest>;
  readonly golden: Zod.ZodType<GoldenEntry[]>;
}

/** The schema of `predikt.json`. Its JSON Schema, predikt.schema.json of the package, is made of it by `npm run docs:schema`. */
export function manifestSchemas(z: typeof Zod): ManifestSchemas {
  const whole = (min: number, max: number = Number.MAX_SAFE_INTEGER) => {
    const error = max === Number.MAX_SAFE_INTEGER ? `a whole number ≥ ${min}` : `a whole number from ${min} to ${max}`;
    return z.int({ error }).min(min, { error }).max(max, { error });
  };
  const atLeast = (min: number, max = Number.MAX_VALUE) => {
    const error = max === Number.MAX_VALUE ? `a number ≥ ${min}` : `a number from ${min} to ${max}`;
    return z.number({ error }).min(min, { error }).max(max, { error });
  };
  const word = <const T extends readonly string[]>(...words: T) => z.enum(words, { error: `one of ${words.join(", ")}` });
  const flag = z.boolean({ error: "true or false" });
  const ms = whole(1, 2 ** 31 - 1);
  const text = z.string({ error: "text" }).min(1, { error: "text" });
  const name = text.regex(/^(?!\.\.?$)[\w.-]+$/, { error: "letters, digits, _ - ." });
  const version = text.regex(/^[1-9]\d*$/, { error: "a version: digits that do not begin with 0" });
  const fileName = text.regex(/^(?!\.)[^/\\]+$/, { error: "the name of a file, without a path" });
  const target = { label: name.optional(), version: version.optional() };
  const named = z.record(text, z.unknown());

  const golden = z.array(
    z.strictObject({
      inputs: z.unknown().describe("What the model is given: named tensors as nested arrays, or the definition's input."),
      outputs: z.unknown().describe("What it must give. What is not named here is not looked at."),
      tolerance: atLeast(0).optional().describe("|a − b| ≤ tolerance × max(1, |expected|). Default: 1e-3."),
    }),
  );

  // A folder of models may come from anywhere: the runtime's options that read or write files, `extra` among them, are the application's alone.
  const sessionOptions = z.strictObject({
    graphOptimizationLevel: word("disabled", "basic", "extended", "layout", "all").optional(),
    executionMode: word("sequential", "parallel").optional(),
    interOpNumThreads: whole(0).optional(),
    freeDimensionOverrides: z.record(text, whole(0)).optional(),
    enableCpuMemArena: flag.optional(),
    enableMemPattern: flag.optional(),
    logSeverityLevel: whole(0, 4).optional(),
    logVerbosityLevel: whole(0).optional(),
  });

  const manifest = z
    .strictObject({
      $schema: text.optional(),
      file: fileName.optional().describe("The model's file in a version's folder. Default: model.onnx."),
      sha256: z
        .record(version, text.regex(/^[\da-fA-F]{64}$/, { error: "64 hexadecimal digits" }))
        .optional()
        .describe("Version → hex SHA-256 of its model file."),
      policy: z
        .union([z.literal("all"), z.strictObject({ latest: whole(1) }), z.strictObject({ specific: z.array(version) })], {
          error: '"all", { "latest": n } or { "specific": [versions] }',
        })
        .optional()
        .describe('Which versions are open. Default: { "latest": 1 }.'),
      labels: z
        .record(name, version)
        .optional()
        .describe('Label → version. "stable" answers by default; without it the latest version does.'),
      traffic: z
        .strictObject({ split: z.array(z.strictObject({ ...target, weight: atLeast(0) })).min(1), seed: text.optional() })
        .optional()
        .describe("How requests that ask for neither a version nor a label are divided."),
      shadow: z
        .strictObject({
          ...target,
          sample: atLeast(0, 1).optional(),
          queueLimit: whole(1).optional(),
          queueBytes: whole(1).optional(),
          maxInFlight: atLeast(0).optional(),
          tolerance: atLeast(0).optional(),
        })
        .optional()
        .describe("A version that is asked along, whose answers nobody gets."),
      rollback: z
        .strictObject({
          errorRate: atLeast(0, 1).optional(),
          p95Ms: atLeast(0).optional(),
          windowMs: atLeast(1).optional(),
          minimumRequests: whole(1, 4096).optional(),
        })
        .optional()
        .describe("When a share of the split, other than the first, loses its traffic to the first."),
      golden: z
        .union([golden, fileName], { error: "a list of { inputs, outputs, tolerance }, or the name of a file with one" })
        .optional()
        .describe(
          "Inputs whose answers are known, checked before a version serves: the list, or the name of a JSON file beside the model or this file.",
        ),
      device: z
        .union([text, z.array(text).min(1)], { error: "a device, or a list of them" })
        .optional()
        .describe('"auto", "cpu", "cuda", "wasm" or a list of them, tried in order. Default: "auto".'),
      execution: word("auto", "inline", "worker", "process").optional().describe('Where runs happen. Default: "auto".'),
      threads: whole(1).optional().describe("Threads that one run may use. Default: 1."),
      maxWorkers: whole(1).optional().describe("Workers that a version may grow to. Default: what the CPU budget allows."),
      maxOpenMs: ms.optional().describe("Milliseconds after which opening is killed."),
      maxRunMs: ms.optional().describe('Milliseconds after which a run is killed. Execution "auto" is "process" then.'),
      maxRssBytes: whole(1).optional().describe("Bytes of memory past which a child process is killed."),
      batching: z
        .union([flag, z.literal("auto"), z.strictObject({ maxBatchSize: whole(1).optional(), maxDelayMs: atLeast(0).optional() })], {
          error: 'true, false, "auto" or { maxBatchSize, maxDelayMs }',
        })
        .optional()
        .describe("Whether requests share runs. Default: false."),
      queueLimit: whole(0).optional().describe("Jobs that may wait. Default: 1024."),
      timeoutMs: atLeast(1).optional().describe("Milliseconds that a request may take which names no limit."),
      warmup: flag.optional().describe("Whether the example is run once while loading. Default: true."),
      example: named.optional().describe("Inputs for warm-up and for the proof that batching is safe, as nested arrays."),
      nonFinite: word("allow", "refuse").optional().describe("Whether NaN and infinities are taken as inputs. Default: allow."),
      retryLost: flag.optional().describe("Whether a job whose worker died is run once more. Default: false."),
      sessionOptions: sessionOptions
        .optional()
        .describe("Handed to the runtime's InferenceSession.create. Those that name files are not taken."),
    })
    .meta({ title: "predikt.json", description: "How a model of a Predikt repository is served. Every key may be left out." });

  return { manifest: manifest as unknown as ManifestSchemas["manifest"], golden };
}
