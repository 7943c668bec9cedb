import { expect, it } from "vitest";
import { fakeBackend, settle } from "../testing/index.ts";
import { createPredictor } from "./create-predictor.ts";

const load = async (options: object = {}) => {
  const backend = fakeBackend();
  return { backend, predictor: await createPredictor({ backend, source: "m", ...options }) };
};
const inputs = (count: number) => Array.from({ length: count }, (_, i) => ({ x: [i] }));

it("predictMany answers a list longer than the queue, in order, and leaves room for others", async () => {
  const { backend, predictor } = await load({ queueLimit: 8 });
  backend.hold(true);
  const many = predictor.predictMany(inputs(100));
  await settle();
  expect(predictor.stats()).toMatchObject({ requests: 4, rejected: 0 });
  const other = predictor.predict({ x: [1] });
  backend.hold(false);
  backend.release();
  await other;
  const results = await many;
  expect(results.map((result) => result.status === "fulfilled" && result.value["y"]?.data[0])).toEqual(
    inputs(100).map(({ x }) => 2 * (x[0] ?? 0)),
  );
});

it("predictMany ends whole with its signal", async () => {
  const { backend, predictor } = await load({ queueLimit: 4 });
  backend.hold(true);
  const controller = new AbortController();
  const many = predictor.predictMany(inputs(50), { signal: controller.signal });
  await settle();
  const reason = new Error("stop");
  controller.abort(reason);
  expect(await many).toEqual(inputs(50).map(() => ({ status: "rejected", reason })));
  backend.release();
});

it("one listener on a signal serves every call that it was given to", async () => {
  const { predictor } = await load();
  const { signal } = new AbortController();
  let added = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    added++;
    add(...args);
  };
  await Promise.all(inputs(30).map((input) => predictor.predict(input, { signal })));
  expect(added).toBe(1);
});
