import { describe, expect, it } from "vitest";
import {
  anything,
  boolean,
  callable,
  checkRules,
  isObject,
  limit,
  oneOf,
  plainData,
  type Rules,
  recordOf,
  strings,
  whole,
} from "./option-rules.ts";

const rules: Rules = {
  on: boolean,
  call: callable,
  limit,
  names: strings,
  data: plainData,
  count: whole(1, 9),
  size: whole(0),
  mode: oneOf("fast", "slow"),
  headers: recordOf("strings", (value) => typeof value === "string"),
  worker: { inner: { timeoutMs: whole(1) } },
  any: anything,
};
const told = (options: object): string => {
  try {
    checkRules(options, rules);
    return "it fits";
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message.replace(/^option /, "");
  }
};

describe("options", () => {
  it("that fit pass, those that are undefined too", () => {
    const fine = {
      on: false,
      call: () => {},
      limit: 0.5,
      names: [],
      data: { a: [1, "b", null, { c: true, d: undefined }] },
      count: 9,
      size: 2 ** 40,
      mode: "slow",
      headers: { a: "b" },
      worker: { timeoutMs: 1 },
      any: Symbol.iterator,
    };
    expect(told(fine)).toBe("it fits");
    expect(told(Object.fromEntries(Object.keys(fine).map((name) => [name, undefined])))).toBe("it fits");
  });

  it.each<[object, string]>([
    [{ on: "yes" }, '"on": expected true or false, got another string'],
    [{ call: {} }, '"call": expected a function, got an object with something else in it'],
    [{ limit: -1 }, '"limit": expected a number ≥ 0, got a negative number'],
    [{ limit: Number.NaN }, '"limit": expected a number ≥ 0, got NaN'],
    [{ names: ["a", 1] }, '"names": expected a list of strings, got a list'],
    [{ data: { a: [() => {}] } }, '"data": expected plain JSON, got an object with something else in it'],
    [{ data: 1n }, '"data": expected plain JSON, got a bigint'],
    [{ count: 1.5 }, '"count": expected a whole number between 1 and 9, got a fraction'],
    [{ count: 10 }, '"count": expected a whole number between 1 and 9, got a number out of that range'],
    [{ count: null }, '"count": expected a whole number between 1 and 9, got null'],
    [{ size: "1" }, '"size": expected a whole number ≥ 0, got another string'],
    [{ size: 2 ** 60 }, '"size": expected a whole number ≥ 0, got a number out of that range'],
    [{ mode: "secret" }, '"mode": expected one of fast, slow, got another string'],
    [{ headers: { a: 1 } }, '"headers": expected an object of strings, got an object with something else in it'],
    [{ headers: [] }, '"headers": expected an object of strings, got a list'],
    [{ worker: true }, '"worker": expected an object, got a boolean'],
    [{ worker: { timeoutMs: 0 } }, '"worker.timeoutMs": expected a whole number ≥ 1, got a number out of that range'],
    [{ worker: { timeout: 1 } }, '"worker.timeout": expected one of the options timeoutMs, got another name'],
  ])("%o are refused, with where, what was expected and what kind of thing came", (options, message) => {
    expect(told(options)).toBe(message);
  });

  it("under another name are refused with the names there are, an object's own methods too", () => {
    expect(told({ nmae: 1 })).toMatch(/^"nmae": expected one of the options on, call, .*, any, got another name$/);
    expect(told({ constructor: 1 })).toMatch(/another name/);
    expect(told({ unknown: undefined })).toMatch(/another name/);
  });
});

it("lists, arrays of bytes and null are no objects with names", () => {
  expect([{}, [], null, new Uint8Array(1), "a"].map(isObject)).toEqual([true, false, false, false, false]);
});
