import { expect, it } from "vitest";
import { isolationHeaders } from "./isolation-headers.ts";

it("isolates pages, strictly or so that files of other origins come without cookies", () => {
  expect(isolationHeaders()).toEqual({ "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" });
  expect(isolationHeaders({ credentialless: true })).toMatchObject({ "cross-origin-embedder-policy": "credentialless" });
});
