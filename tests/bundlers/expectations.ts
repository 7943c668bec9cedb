import { isolationHeaders } from "@predikt/core/serving";
import type { Browser } from "playwright-core";
import { expect } from "vitest";
import type { App, Served } from "./app.ts";
import { type Front, openFront } from "./front.ts";
import { type Seen, visit } from "./visitor.ts";

/** What every bundler's application must do. */
export interface Case {
  readonly device: "wasm" | "webgpu";
  readonly threads: 1 | 2;
}

export const cases: readonly Case[] = [
  { device: "wasm", threads: 1 },
  { device: "wasm", threads: 2 },
  { device: "webgpu", threads: 1 },
  { device: "webgpu", threads: 2 },
];

/** Some hosts take no file of that size. */
const largestFile = 25 * 2 ** 20;

/** The page has shown y = 2 · 3 + 1 from the device and threads asked for, and nobody has complained. */
export function expectAnswer(seen: Seen, { device, threads }: Case): void {
  expect(seen).toMatchObject({ complaints: [], isolated: threads > 1, shown: { y: 7, info: { device, details: { threads } } } });
}

/** Of the runtime's builds only one was downloaded, and nothing that was asked for is missing. */
export function expectOneRuntime({ visits }: Front, app: App, kind: "wasm" | "jspi" | "asyncify"): void {
  const builds = app.files("node_modules/@predikt/web/dist/ort").filter(({ path }) => /\.wasm(\.gz)?$/.test(path));
  const fetched = visits.flatMap((visit) => builds.filter(({ bytes }) => visit.bytes === bytes).map(({ path }) => path.split("/").pop()));
  const expected = `ort-wasm-simd-threaded${{ wasm: ".wasm", jspi: ".jspi.wasm", asyncify: ".asyncify.wasm.gz" }[kind]}`;
  // More than once where a browser that could not cache it keeps a copy for days without a network.
  expect([...new Set(fetched)]).toEqual([expected]);
  expect(visits.filter(({ status }) => status >= 400)).toEqual([]);
}

/** No file that a build has emitted is too large for its host, and the build of the runtime that we do not use is in none of them. */
export function expectLean(files: readonly { readonly path: string; readonly bytes: number }[]): void {
  expect(files.filter(({ path, bytes }) => bytes >= largestFile || path.includes("jsep"))).toEqual([]);
}

/** Opens the page for each case, behind the headers that it needs, and expects all of that. */
export async function expectCase(browser: Browser, served: Served, app: App, each: Case, path = "/"): Promise<void> {
  const front = await openFront(served.url, each.threads > 1 ? isolationHeaders() : {});
  expectAnswer(await visit(browser, `${front.url}${path}?device=${each.device}&threads=${each.threads}`), each);
  expectOneRuntime(front, app, each.device === "wasm" ? "wasm" : "jspi");
  await front.close();
}
