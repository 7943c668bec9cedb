/** The address of the model that is shaped as an image classifier. */
export const source = "/models/photo/onnx/model.onnx";
/** The shape of its input. */
export const shape = [1, 3, 224, 224];

/** An image of noise. */
export function pixels() {
  return Float32Array.from({ length: 3 * 224 * 224 }, Math.random);
}
