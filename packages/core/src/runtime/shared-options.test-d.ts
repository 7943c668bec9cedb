import { expectTypeOf, it } from "vitest";
import type { CheckLimits } from "../onnx/index.ts";
import type { CommonOptions } from "../predictor/index.ts";
import type { OpenRequest } from "../types/index.ts";
import type { coreOptions, limitOptions } from "./shared-options.ts";

it("each option has its rule, and no rule is one of an option that is gone", () => {
  expectTypeOf<keyof typeof coreOptions>().toEqualTypeOf<"backend" | keyof OpenRequest | keyof CommonOptions>();
  expectTypeOf<keyof typeof limitOptions>().toEqualTypeOf<keyof CheckLimits>();
});
