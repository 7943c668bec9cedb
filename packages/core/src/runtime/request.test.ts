import { describe, expect, it } from "vitest";
import { assertDigest, checkSha256, deviceList } from "./request.ts";

describe("the devices asked for", () => {
  it.each([
    [undefined, ["auto"]],
    ["wasm", ["wasm"]],
    [
      ["webgpu", "wasm", "webgpu"],
      ["webgpu", "wasm"],
    ],
  ])("%j are a list, each once", (device, list) => {
    expect(deviceList(device)).toEqual(list);
  });

  it.each([[[]], [[""]], [["wasm", 1]], [1], [null], [{}], [""]])("%j is refused", (device) => {
    expect(() => deviceList(device as never)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("a digest", () => {
  const digest = "ab".repeat(32);

  it("must be 64 hex digits, in either case", () => {
    for (const good of [undefined, digest, digest.toUpperCase()]) expect(() => checkSha256(good)).not.toThrow();
    for (const bad of ["", digest.slice(1), `${digest}0`, "g".repeat(64), 5 as never])
      expect(() => checkSha256(bad, "files.sha256")).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path: "files.sha256" }) }),
      );
  });

  it("must be that of the bytes, where one is asked for", () => {
    expect(() => assertDigest(digest, undefined)).not.toThrow();
    expect(() => assertDigest(digest, digest.toUpperCase())).not.toThrow();
    expect(() => assertDigest("cd".repeat(32), digest)).toThrow(
      expect.objectContaining({ code: "MODEL_INTEGRITY", details: { expected: digest, received: "cd".repeat(32) } }),
    );
  });
});
