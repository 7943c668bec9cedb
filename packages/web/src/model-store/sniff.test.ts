import { describe, expect, it } from "vitest";
import { assertNoPage } from "./sniff.ts";

const look = (head: string | number[], type: string | null = null): void =>
  assertNoPage(typeof head === "string" ? new TextEncoder().encode(head) : Uint8Array.from(head), type, "http://app.test/m.onnx");

describe("assertNoPage", () => {
  it.each<[string, string | number[], string | null]>([
    ["an ONNX file", [8, 9, 18, 7, 112, 121, 116, 111, 114, 99, 104], null],
    ["an ORT file whose size is that of a bracket", [60, 0, 0, 0, 79, 82, 84, 77], null],
    ["weights whose first byte is a brace", [123, 34, 200, 1, 61, 0], "application/octet-stream"],
    ["a file of another type", [8, 9], "text/plain"],
  ])("lets %s pass", (_what, head, type) => {
    expect(() => look(head, type)).not.toThrow();
  });

  it.each<[string, string | number[], string | null, RegExp]>([
    ["a page", "<!DOCTYPE html>", null, /index\.html/],
    ["a page with a byte order mark", "\ufeff\r\n<html>", null, /index\.html/],
    ["whatever calls itself a page", [8, 9], "text/html; charset=utf-8", /index\.html/],
    ["XML", '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "application/xml", /a web page/],
    ["JSON", '{"error":"not found"}', null, /JSON/],
    ["a list in JSON", "[]", null, /JSON/],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1", null, /Git LFS/],
  ])("refuses %s", (_what, head, type, reason) => {
    expect(() => look(head, type)).toThrow(reason);
    expect(() => look(head, type)).toThrow(expect.objectContaining({ code: "MODEL_INVALID" }));
  });
});
