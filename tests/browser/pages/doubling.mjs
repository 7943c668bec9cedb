import { defineModel, InputError, tensor } from "@predikt/core";

/** Where this copy of the script runs. */
const inWorker = typeof document === "undefined";
const made = new Map();
const table = new Float32Array([1, 2, 3]);

const schema = (validate) => ({ "~standard": { version: 1, vendor: "test", validate } });

/** `y = 2x + 1` of `{ x }`. Some numbers make it fail or take long, each in its way. */
export const doubling = defineModel({
  name: "doubling",
  input: schema((value) => {
    if (typeof value?.x === "number") return { value };
    return { issues: [{ message: "expected a number", path: ["x"] }] };
  }),
  output: schema((value) => (value.y === 2001 ? { issues: [{ message: "too large", path: ["y"] }] } : { value })),
  encode: ({ x }) => {
    if (x === 13) throw new Error("unlucky");
    if (x === 14) throw new InputError("INPUT_VALUE", "no picture", { details: { raisedBy: "definition" } });
    if (x === 15)
      setTimeout(() => {
        throw new Error("a bug of the application's");
      });
    if (x === 15) return new Promise(() => {});
    if (x === 16) for (const startedAt = performance.now(); performance.now() - startedAt < 700; );
    // It keeps what it has made, as a definition with a constant mask does.
    if (!made.has(x)) made.set(x, new Float32Array([x]));
    return { x: tensor("float32", made.get(x), [1, 1]) };
  },
  decode: ({ y }) => {
    const value = y.data[0];
    if (value === 201) throw new Error("no such class");
    if (value === 203) return { y: value, later: () => {} };
    return { y: value, inWorker, table: { data: table } };
  },
  example: { x: 1 },
});
