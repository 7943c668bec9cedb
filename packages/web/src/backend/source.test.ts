import { afterEach, describe, expect, it } from "vitest";
import { pretend } from "../../test/globals.ts";
import { assertBrowser, loadSpec } from "./source.ts";

let restore: () => void = () => {};
afterEach(() => restore());
const onPage = (more: object = {}): void => {
  restore = pretend({ location: { href: "https://app.test/pages/one.html?q#h" }, ...more });
};
const sha256 = "ab".repeat(32);

describe("what a worker is to load", () => {
  it("has defaults, and addresses that mean the same there", () => {
    onPage();
    expect(loadSpec({ source: "models/a.onnx" })).toEqual({
      source: "https://app.test/pages/models/a.onnx",
      sha256: undefined,
      size: undefined,
      external: {},
      limits: undefined,
      store: "auto",
      headers: undefined,
      retries: 3,
      idleTimeoutMs: 30_000,
      refresh: false,
    });
  });

  it.each([
    ["/a.onnx", "https://app.test/a.onnx"],
    ["//cdn.test/a.onnx", "https://cdn.test/a.onnx"],
    ["data:,x", "data:,x"],
    ["blob:https://app.test/1", "blob:https://app.test/1"],
    [new URL("https://b.test/é.onnx"), "https://b.test/%C3%A9.onnx"],
  ])("takes %s", (source, href) => {
    onPage();
    expect(loadSpec({ source }).source).toBe(href);
  });

  it("is relative to the document's base, where it has one", () => {
    onPage({ document: { baseURI: "https://app.test/base/" } });
    expect(loadSpec({ source: "a.onnx" }).source).toBe("https://app.test/base/a.onnx");
  });

  it("copies bytes, so that their owner may write to them", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const specs = [loadSpec({ source: bytes.subarray(1) }), loadSpec({ source: bytes.buffer })];
    bytes.fill(0);
    expect(specs.map(({ source }) => source)).toEqual([new Uint8Array([2, 3]), new Uint8Array([1, 2, 3])]);
  });

  it("has the files of external data, with what is known of them", () => {
    onPage();
    const { external } = loadSpec({
      source: "a.onnx",
      externalData: { a: "a.bin", b: new Uint8Array([1]), c: { source: new URL("https://c.test/c"), sha256, size: 5 } },
    });
    expect(external).toEqual({
      a: { source: "https://app.test/pages/a.bin", sha256: undefined, size: undefined },
      b: { source: new Uint8Array([1]), sha256: undefined, size: undefined },
      c: { source: "https://c.test/c", sha256, size: 5 },
    });
  });

  it.each<[object, string, string]>([
    [{ source: "file:///etc/passwd" }, "source", "a file: URL"],
    [{ source: "http://" }, "source", "text that is no address"],
    [{ source: null }, "source", "null"],
    [{ source: 5 }, "source", "number"],
    [{ source: "a", sha256: "xyz" }, "sha256", "3 characters"],
    [{ source: "a", externalData: { w: "ftp://a/b" } }, 'externalData["w"]', "a ftp: URL"],
    [{ source: "a", externalData: { w: { source: "b", sha256: "" } } }, 'externalData["w"].sha256', "0 characters"],
  ])("refuses %o, and says where", (request, path, received) => {
    onPage();
    expect(() => loadSpec(request as never)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path, received }) }),
    );
  });
});

describe("a place that is no browser", () => {
  it("is refused with a way out", () => {
    expect(() => assertBrowser(undefined)).toThrow(
      expect.objectContaining({ code: "BACKEND_UNAVAILABLE", message: expect.stringContaining("@predikt/node") }),
    );
  });

  it("is none with workers, with a factory of the application's, or without need of one", () => {
    onPage();
    expect(() => assertBrowser(undefined)).toThrow();
    expect(() => assertBrowser(false)).not.toThrow();
    expect(() => assertBrowser({ factory: () => ({}) as Worker })).not.toThrow();
    restore();
    onPage({ Worker: class {} });
    expect(() => assertBrowser(undefined)).not.toThrow();
  });
});
