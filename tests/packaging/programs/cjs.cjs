// A user's program as CommonJS.
const { createPredictor } = require("@predikt/node");
const { defineModel, isPrediktError, tensor } = require("@predikt/core");
const { graph, initializer, model, node, value, writeModel } = require("@predikt/core/onnx");
const { z } = require("zod");

const source = writeModel(
  model(
    graph({
      nodes: [node("Mul", ["x", "two"], ["y"])],
      inputs: [value("x", "float32", ["batch", 1])],
      outputs: [value("y", "float32", ["batch", 1])],
      initializers: [initializer("two", tensor("float32", [2]))],
    }),
  ),
);
const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: y.data[0] }),
  example: { x: 1 },
});

async function main() {
  for (const execution of ["inline", "worker", "process"]) {
    const predictor = await createPredictor(double, { source, device: "cpu", execution });
    console.log(execution, (await predictor.predict({ x: 3 })).y);
    console.log(isPrediktError(await predictor.predict({}).catch((thrown) => thrown), "INPUT_MISSING"));
    await predictor.close();
  }
}
main();
