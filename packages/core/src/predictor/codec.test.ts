import { describe, expect, it } from "vitest";
import { z } from "zod";
import { BackendError } from "../errors/index.ts";
import { defineModel, numbers } from "../model/index.ts";
import { tensor } from "../tensor/index.ts";
import type { ModelContext } from "../types/index.ts";
import { createCodec } from "./codec.ts";

const context: ModelContext = {
  signature: { inputs: [{ name: "x", dtype: "float32", shape: ["batch", 2] }], outputs: [] },
  metadata: {},
};

describe("createCodec", () => {
  it("lets what has failed a definition's worker pass as what it is, and calls all else the definition's fault", async () => {
    const failing = (error: Error) => {
      const fail = (): never => {
        throw error;
      };
      const schema = z.unknown();
      return createCodec(
        defineModel({ name: "m", input: schema, output: schema, encode: fail, decode: fail, example: 0 }) as never,
        context,
        false,
      );
    };
    const lost = new BackendError("BACKEND_LOST", "gone", { details: { raisedBy: "worker" } });
    const other = new BackendError("BACKEND_LOST", "gone");
    expect(() => failing(lost).encode(0)).toThrow(lost);
    expect(() => failing(lost).decode({})).toThrow(lost);
    for (const which of ["encode", "decode"] as const) {
      const expected = expect.objectContaining({ code: "DEFINITION_FAILED", details: { which }, cause: other });
      expect(() => failing(other)[which](0 as never)).toThrow(expected);
    }
  });

  it("copies what callers and definitions own, unless it is handed over", async () => {
    const definition = (asynchronous: boolean) =>
      defineModel({
        name: "m",
        input: z.object({ x: numbers({ length: 2 }) }),
        output: z.unknown(),
        encode: ({ x }) => {
          const item = { x: tensor("float32", x, [1, 2]) };
          return asynchronous ? Promise.resolve(item) : item;
        },
        decode: () => 0,
        example: { x: [0, 0] },
      });
    for (const codec of [undefined, definition(false), definition(true)].map((each) => createCodec(each as never, context, false))) {
      const x = new Float32Array([1, 2]);
      const all = [codec.encode({ x }), codec.accept({ x }), codec.encode({ x }, true), codec.accept({ x }, true)];
      const [encoded, accepted, shared, handed] = await Promise.all(all);
      x[0] = 9;
      const [kept, seen] = [tensor("float32", [1, 2], [1, 2]), tensor("float32", [9, 2], [1, 2])];
      expect([encoded, accepted, shared, handed]).toEqual([{ x: kept }, { x: kept }, { x: seen }, { x: seen }]);
    }
  });
});
