import { expect, it } from "vitest";
import { parseServerUrl } from "./server-url.ts";

const none = { model: undefined, version: undefined, label: undefined, protocol: undefined };

it("reads a server's address and those of its routes", () => {
  expect(parseServerUrl("http://h:3000/")).toEqual({ ...none, base: "http://h:3000" });
  expect(parseServerUrl("https://h/api")).toEqual({ ...none, base: "https://h/api" });
  expect(parseServerUrl("http://h/api/predict")).toEqual({ ...none, base: "http://h/api", protocol: "typed" });
  expect(parseServerUrl("http://h/predict/a%20b/versions/2")).toEqual({
    ...none,
    base: "http://h",
    model: "a b",
    version: "2",
    protocol: "typed",
  });
  expect(parseServerUrl("http://h/predict/m/labels/canary")).toMatchObject({ model: "m", label: "canary" });
  expect(parseServerUrl("http://h/v2")).toEqual({ ...none, base: "http://h", protocol: "oip" });
  expect(parseServerUrl("http://h/x/v2/models/m/versions/3/infer")).toEqual({
    ...none,
    base: "http://h/x",
    model: "m",
    version: "3",
    protocol: "oip",
  });
});

it("refuses what is no such address", () => {
  expect(() => parseServerUrl("http://")).toThrow("is no URL");
  expect(() => parseServerUrl("http://h/predict?x=1")).toThrow("without a query");
  expect(() => parseServerUrl("http://h/predict/%zz")).toThrow("%zz: no part of a URL that can be decoded");
});
