import { expect, it } from "vitest";
import { npyOf } from "../../../test/npy.ts";
import { parseNpy } from "./npy.ts";

it("reads every type that a tensor has, at any offset", () => {
  expect(parseNpy(npyOf("<f4", new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]))).toEqual({
    type: "float32",
    data: new Float32Array([1, 2, 3, 4, 5, 6]),
    dims: [2, 3],
  });
  expect(parseNpy(npyOf("<i8", new BigInt64Array([-1n, 2n ** 60n]), [2]))).toEqual({
    type: "int64",
    data: new BigInt64Array([-1n, 2n ** 60n]),
    dims: [2],
  });
  expect(parseNpy(npyOf("|b1", new Uint8Array([1]), []))).toEqual({ type: "bool", data: new Uint8Array([1]), dims: [] });
  const odd = Buffer.concat([Buffer.alloc(3), npyOf("<f8", new Float64Array([0.5]), [1])]).subarray(3);
  expect(parseNpy(odd).data).toEqual(new Float64Array([0.5]));
});

it.each<[string, Uint8Array, RegExp]>([
  ["another file", Buffer.from("PK, and so on, which is no array"), /expected a \.npy file/],
  ["another type", npyOf("<c8", new Float32Array(2), [1]), /no tensor has NumPy's type "<c8"/],
  ["another byte order", npyOf(">f4", new Float32Array(1), [1]), /no tensor has NumPy's type ">f4"/],
  ["column-major order", npyOf("<f4", new Float32Array(1), [1], "True"), /row-major/],
  ["too few bytes", npyOf("<f4", new Float32Array(1), [2]), /expected 8 bytes for \[2\], got 4/],
])("refuses %s", (_what, bytes, message) => {
  expect(() => parseNpy(bytes)).toThrow(message);
});
