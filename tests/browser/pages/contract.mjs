import { backendContract } from "@predikt/core/testing";
import { webBackend } from "@predikt/web";
import { expect } from "./expect.mjs";

const models = { linear: "/models/linear.onnx", identity: "/models/identity.onnx", gather: "/models/gather.onnx" };

/** The suite's tests by name, to be run one by one. */
export function contractTests(options) {
  const tests = new Map();
  backendContract({ test: (name, run) => tests.set(name, run), expect }, { backend: webBackend(), options, models });
  return tests;
}
