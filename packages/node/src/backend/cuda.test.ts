import { expect, it } from "vitest";
import { isMissing, missingText } from "./cuda.ts";
import { elfNeeded } from "./elf-needed.ts";

const isLinux = process.platform === "linux";

it.skipIf(!isLinux)("what a program needs is read from its file (needs Linux)", () => {
  expect(elfNeeded(process.execPath)).toContainEqual(expect.stringMatching(/^libc\b.*\.so/));
  expect(elfNeeded(new URL(import.meta.url).pathname)).toEqual([]);
});

it.skipIf(!isLinux)("libraries that the linker finds are not missing (needs Linux)", () => {
  const needed = elfNeeded(process.execPath);
  expect([...needed, "libno-such-thing.so.9"].filter(isMissing)).toEqual(["libno-such-thing.so.9"]);
});

it("each missing library is named, and what to install", () => {
  expect(missingText([])).toBeUndefined();
  const text = missingText(["libcublasLt.so.13", "libcublas.so.13", "libcuda.so.1", "libcudnn.so.9"]);
  expect(text).toContain("libcublasLt.so.13, libcublas.so.13, libcuda.so.1, libcudnn.so.9");
  expect(text).toMatch(/CUDA 13 toolkit.*NVIDIA driver.*cuDNN 9 for CUDA 13/);
  expect(missingText(["libz.so.1"])).toContain("package of libz.so.1");
});
