import { tensor } from "@predikt/core";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";

/**
 * Shaped as a detector: x float32 [1, 3, 320, 320] → y [1, 84, 1600], four numbers of a box and 80 scores at each of 1600 places. The convolution in
 * the middle is done as often as `times` (int64 scalar) says, so that a run takes as long as is wanted on any machine.
 */
export function detectorModel() {
  const body = graph({
    name: "body",
    nodes: [
      node("Identity", ["condition"], ["go_on"]),
      node("Conv", ["before", "middle"], ["mixed"], { pads: [1, 1, 1, 1] }),
      node("Tanh", ["mixed"], ["after"]),
    ],
    inputs: [value("iteration", "int64", []), value("condition", "bool", []), value("before", "float32", [1, 16, 40, 40])],
    outputs: [value("go_on", "bool", []), value("after", "float32", [1, 16, 40, 40])],
  });
  return writeModel(
    model(
      graph({
        nodes: [
          node("Conv", ["x", "first"], ["seen"], { strides: [8, 8] }),
          node("Loop", ["times", "yes", "seen"], ["looked"], { body }),
          node("Conv", ["looked", "last"], ["map"]),
          node("Reshape", ["map", "shape"], ["y"]),
        ],
        inputs: [value("x", "float32", [1, 3, 320, 320]), value("times", "int64", [])],
        outputs: [value("y", "float32", [1, 84, 1600])],
        initializers: [
          weights("first", [16, 3, 8, 8]),
          weights("middle", [16, 16, 3, 3]),
          weights("last", [84, 16, 1, 1]),
          initializer("yes", tensor("bool", true)),
          initializer("shape", tensor("int64", [1n, 84n, 1600n])),
        ],
      }),
    ),
  );
}

/** Shaped as an image classifier of 7 MB: pixel_values float32 [batch, 3, 224, 224] → logits [batch, 1000]. */
export function photoModel() {
  const sizes = [3, 64, 128, 256, 256, 256];
  const nodes = [];
  const initializers = [weights("classes", [256, 1000])];
  for (let layer = 1; layer < sizes.length; layer++) {
    const stride = layer === 5 ? 1 : 2;
    const [from, to] = [layer === 1 ? "pixel_values" : `x${layer - 1}`, `x${layer}`];
    initializers.push(weights(`w${layer}`, [sizes[layer], sizes[layer - 1], 3, 3]));
    nodes.push(node("Conv", [from, `w${layer}`], [`${to}_raw`], { strides: [stride, stride], pads: [1, 1, 1, 1] }));
    nodes.push(node("Relu", [`${to}_raw`], [to]));
  }
  nodes.push(node("GlobalAveragePool", [`x${sizes.length - 1}`], ["pooled"]), node("Flatten", ["pooled"], ["flat"]));
  nodes.push(node("MatMul", ["flat", "classes"], ["logits"]));
  return writeModel(
    model(
      graph({
        nodes,
        inputs: [value("pixel_values", "float32", ["batch", 3, 224, 224])],
        outputs: [value("logits", "float32", ["batch", 1000])],
        initializers,
      }),
    ),
  );
}

/** Numbers about 0 that keep what goes through them about as large as it was. */
function weights(name, shape) {
  const size = shape.reduce((a, b) => a * b);
  const spread = Math.sqrt(12 / (size / shape[0]));
  return initializer(
    name,
    tensor(
      "float32",
      Float32Array.from({ length: size }, () => spread * (Math.random() - 0.5)),
      shape,
    ),
  );
}
