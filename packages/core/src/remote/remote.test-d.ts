import { describe, expectTypeOf, it } from "vitest";
import { createPredictor } from "../predictor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { Definition, Predictor, RawInputs, Tensors } from "../types/index.ts";
import { remote } from "./index.ts";

declare const digits: Definition<{ pixels: number[] }, { digit: number }>;

describe("createPredictor with remote()", () => {
  it("needs no source, with a definition or without", () => {
    expectTypeOf(createPredictor(digits, { backend: remote("https://s.test") })).resolves.toEqualTypeOf<
      Predictor<{ pixels: number[] }, { digit: number }>
    >();
    expectTypeOf(createPredictor({ backend: remote("https://s.test", { protocol: "oip", model: "m" }) })).resolves.toEqualTypeOf<
      Predictor<RawInputs, Tensors>
    >();
  });

  it("takes a model's name for source, and no bytes", () => {
    createPredictor({ backend: remote("https://s.test"), source: "digits", batching: true, timeoutMs: 5 });
    // @ts-expect-error the server has the file
    createPredictor({ backend: remote("https://s.test"), source: new Uint8Array() });
    // @ts-expect-error another option is still a mistake
    createPredictor({ backend: remote("https://s.test"), sauce: "digits" });
  });

  it("every other backend needs one", () => {
    createPredictor({ backend: fakeBackend(), source: "m.onnx" });
    // @ts-expect-error source is missing
    createPredictor({ backend: fakeBackend() });
  });

  it("gRPC is another package's", () => {
    // @ts-expect-error it is @predikt/node/grpc's
    remote("https://s.test", { protocol: "oip-grpc" });
  });
});
