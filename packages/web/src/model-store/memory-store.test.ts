import { expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import type { StoreRecord } from "./types.ts";

const record = (key: string, bytes: number): StoreRecord => ({
  key,
  url: "http://app.test/",
  sha256: "",
  bytes,
  storedAt: 0,
  lastUsedAt: 0,
  source: key,
});

it("keeps the most recently used models within its limit", async () => {
  const store = createMemoryStore(100);
  for (const key of ["a", "b"]) await store.commit(record(key, 40), new Uint8Array(40), false);
  await store.touch(record("a", 40));
  await store.commit(record("c", 40), new Uint8Array(40), false);
  expect((await store.list()).map(({ key }) => key)).toEqual(["a", "c"]);
  await store.commit(record("d", 101), new Uint8Array(101), false);
  expect(await store.list()).toEqual([]);
  expect(await store.remove("a")).toBe(false);
});
