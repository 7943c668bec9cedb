import type { OipTensor } from "@predikt/core/serving";
import { describe, expect, it } from "vitest";
import { ModelInferRequestSchema, ModelInferResponseSchema } from "./generated/inference_pb.ts";
import { readAsk, writeOutputs } from "./infer.ts";
import { fromMessage, toMessage } from "./messages.ts";

const elements = Float32Array.from({ length: 64 }, (_, i) => i);
const bytes = new Uint8Array(elements.buffer);
const message = toMessage(ModelInferRequestSchema, {
  modelName: "m",
  inputs: [{ name: "x", datatype: "FP32", shape: [64n] }],
  rawInputContents: [bytes],
});

/** The message at another place in memory, as messages come to lie anywhere. */
function moved(to: number): Uint8Array {
  const memory = new Uint8Array(message.length + 8);
  memory.set(message, to);
  return memory.subarray(to, to + message.length);
}

describe("raw contents", () => {
  it("are used in place where they lie well, and copied once where they do not", () => {
    const places = Array.from({ length: 4 }, (_, to) => {
      const whole = moved(to);
      const request = fromMessage(ModelInferRequestSchema, whole);
      expect(request.rawInputContents[0]?.buffer).toBe(whole.buffer);
      const [{ tensor }] = readAsk(request).inputs as [OipTensor];
      expect(tensor.data).toEqual(elements);
      return (tensor.data as Float32Array).buffer === whole.buffer;
    });
    expect(places.filter(Boolean)).toHaveLength(1);
  });

  it("of an output are its own memory until the message is written", () => {
    const { rawOutputContents } = writeOutputs([{ name: "y", tensor: { type: "float32", data: elements, dims: [64] } }], true);
    const written = rawOutputContents?.[0] as Uint8Array;
    expect(written.buffer).toBe(elements.buffer);
    const reply = toMessage(ModelInferResponseSchema, { rawOutputContents: [written] });
    expect(fromMessage(ModelInferResponseSchema, reply).rawOutputContents[0]).toEqual(Buffer.from(bytes));
  });
});
