import { expect, it } from "vitest";
import { bytesText, msText, parseBytes, rateText } from "./units.ts";

it("writes and reads bytes", () => {
  expect([0, 1023, 1024, 4 * 2 ** 20, 1.5 * 2 ** 30].map(bytesText)).toEqual(["0 B", "1023 B", "1.0 KiB", "4.0 MiB", "1.5 GiB"]);
  expect(["4194304", "4MiB", "64 kib", "1.5GiB", "7b"].map(parseBytes)).toEqual([4194304, 4194304, 65536, 1.5 * 2 ** 30, 7]);
  expect(["", "4M", "-1", "MiB", "1e3"].map(parseBytes)).toEqual(new Array(5).fill(undefined));
});

it("writes times and rates with three digits that count", () => {
  expect([0.01234, 1.2345, 12.345, 1234.5, Number.NaN].map(msText)).toEqual(["0.012", "1.23", "12.3", "1,235", "–"]);
  expect([0.5, 12.34, 12345.6].map(rateText)).toEqual(["0.50", "12.3", "12,346"]);
});
