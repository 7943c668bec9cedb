// @vitest-environment happy-dom
import { join } from "node:path";
import { createPredictor, type Predictor } from "@predikt/core";
import { type AnyPredictor, toFetchHandler } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { act, createElement, type FunctionComponent } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, it } from "vitest";
import { folderOf, lay } from "./folder.ts";
import { root } from "./snippets.ts";

const fetchOfThePage = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetchOfThePage;
});

it.each([
  ["packages/react/README.md", {}, "idle", "7"],
  [
    "docs/guides/react.md",
    { create: () => Promise.reject(new Error("no adapter")) },
    "readidle",
    "read7server, because webgpu: no adapter",
  ],
])("the component of %s renders, and shows what the server answers", async (document, props, before, after) => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const base = join(root, "tests/.cache/readme-react");
  lay(document, base);
  const load = (name: string): Promise<Record<string, unknown>> => import(/* @vite-ignore */ join(folderOf(document, base), name));
  const { App } = (await load("app.tsx")) as { App: FunctionComponent<object> };
  const { digits } = (await load("digits.ts")) as { digits: never };

  const backend = fakeBackend({
    signature: {
      inputs: [{ name: "image", dtype: "float32", shape: ["batch", 1, 28, 28] }],
      outputs: [{ name: "logits", dtype: "float32", shape: ["batch", 10] }],
    },
    compute: () => ({ logits: { type: "float32", data: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 9, 0, 0), dims: [1, 10] } }),
  });
  const predictor: Predictor<unknown, unknown> = await createPredictor(digits, { source: "none", backend });
  const handler = toFetchHandler({ models: [predictor as AnyPredictor], prefix: "/api" });
  globalThis.fetch = (url, init) => handler(new Request(new URL(String(url), "http://localhost"), init));

  const place = window.document.body.appendChild(window.document.createElement("div"));
  const page = createRoot(place);
  await act(async () => page.render(createElement(App, props)));
  expect(place.textContent).toBe(before);
  await act(async () => place.querySelector("button")?.click());
  await expect.poll(() => act(async () => place.textContent)).toBe(after);
  await act(async () => page.unmount());
  await predictor.close();
});
