import * as tf from "@tensorflow/tfjs";

/** The five points of y = 2x that the network learns from. */
export const points = { x: [1, 2, 3, 4, 5], y: [2, 4, 6, 8, 10] };

/** How often the network sees all points. */
export const epochs = 400;

/**
 * Trains a dense layer of one unit, that is y = kernel · x + bias, on the {@link points}. It begins with a seeded kernel, so that every training gives
 * the same weights.
 *
 * @param onEpoch Hears the mean squared error after each epoch, counted from 1.
 */
export async function train(onEpoch: (epoch: number, loss: number) => void = () => {}): Promise<tf.LayersModel> {
  // Production mode: no advert for other backends on the console.
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const layer = tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) });
  const network = tf.sequential({ layers: [layer] });
  network.compile({ optimizer: tf.train.adam(0.1), loss: "meanSquaredError" });
  const [xs, ys] = [tf.tensor2d(points.x, [5, 1]), tf.tensor2d(points.y, [5, 1])];
  await network.fit(xs, ys, {
    epochs,
    batchSize: points.x.length,
    shuffle: false,
    verbose: 0,
    callbacks: { onEpochEnd: (epoch, logs) => onEpoch(epoch + 1, Number(logs?.["loss"])) },
  });
  tf.dispose([xs, ys]);
  return network;
}

/** What the trained network itself says to each `x`. */
export function predictions(network: tf.LayersModel, xs: readonly number[]): Float32Array {
  return tf.tidy(() => (network.predict(tf.tensor2d([...xs], [xs.length, 1])) as tf.Tensor).dataSync<"float32">());
}

/** The network's kernel and bias. */
export function weights(network: tf.LayersModel): { kernel: Float32Array; bias: Float32Array } {
  const [kernel, bias] = network.getWeights().map((weight) => weight.dataSync<"float32">());
  if (kernel?.length !== 1 || bias?.length !== 1) throw new Error("the network is not one dense layer of one unit");
  return { kernel, bias };
}
