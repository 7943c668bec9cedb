import { describe, expect, it } from "vitest";
import { wantsBinary } from "./accept.ts";

describe("wantsBinary", () => {
  it.each([
    "application/octet-stream",
    "Application/Octet-Stream",
    " application/octet-stream ; q=0.5 ",
    "application/octet-stream, application/json",
    "application/octet-stream;q=0.5, application/json;q=0.4",
    "application/json;q=0.1, application/octet-stream",
    "application/json;q=0, application/octet-stream;q=0.1",
    "*/*, application/octet-stream",
    "*/*;q=0.1, application/octet-stream;q=0.2",
    "text/html, application/octet-stream;v=1;q=0.9, */*;q=0.8",
  ])("%j asks for bytes", (accept) => {
    expect(wantsBinary(accept)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "*/*",
    "application/*",
    "application/json",
    "text/html",
    "application/octet-streams",
    "text/x; a=application/octet-stream",
    "application/octet-stream;q=0",
    "application/octet-stream;q=0, application/json",
    "application/octet-stream;Q=0.000",
    "application/octet-stream;q=0.4, application/json;q=0.5",
    "application/octet-stream;q=0.4, */*;q=0.5",
    "application/octet-stream;q=0.4, application/*;q=0.5, */*;q=0.1",
    "application/json, application/octet-stream",
  ])("%j asks for JSON", (accept) => {
    expect(wantsBinary(accept)).toBe(false);
  });
});
