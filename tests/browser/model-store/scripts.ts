import { fileURLToPath } from "node:url";
import { build, type Rollup } from "vite";

const source = (path: string): string => fileURLToPath(new URL(`../../../packages/web/src/model-store/${path}`, import.meta.url));

/** A worker that loads models as it is told. */
const worker = `
import { fetchModel, forgetModel } from ${JSON.stringify(source("fetch-model.ts"))};
import { keepFile, keptFile } from ${JSON.stringify(source("kept-files.ts"))};
const running = new Map();
const calls = {
  async load({ id, request, lacks }) {
    for (const [name, part] of lacks ?? []) Object.defineProperty(part === undefined ? globalThis : globalThis[name].prototype ?? globalThis[name], part ?? name, { value: undefined, configurable: true });
    const abort = new AbortController();
    running.set(id, abort);
    const progress = [], events = [];
    const { bytes, ...rest } = await fetchModel({
      store: "auto", retries: 2, idleTimeoutMs: 5000, maxBytes: 2 ** 31, ...request,
      signal: abort.signal,
      onProgress: (told) => { progress.push(told); postMessage({ id, progress: told }); },
      onEvent: (event) => events.push(event),
    }).catch((error) => ({ error: { code: error.code, message: error.message ?? String(error), details: error.details } }));
    return { ...rest, size: bytes?.byteLength, progress, events };
  },
  abort: ({ of, reason }) => running.get(of)?.abort(reason),
  forget: ({ key }) => forgetModel(key),
  keep: ({ url }) => keepFile(url),
  kept: async ({ url }) => (await keptFile(url))?.text(),
};
onmessage = async ({ data }) => postMessage({ id: data.id, value: await calls[data.call](data) });
`;

/** A page that has such workers, and the page's side of the store. */
const page = `
import { modelStore } from ${JSON.stringify(source("model-store.ts"))};
globalThis.count = 0;
globalThis.store = modelStore();
globalThis.connect = () => {
  const worker = new Worker("/worker.js", { type: "module" });
  const call = (call, given = {}, onProgress) => {
    const id = ++count;
    const done = new Promise((resolve, reject) => {
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
      worker.addEventListener("message", ({ data }) => {
        if (data.id !== id) return;
        if ("progress" in data) onProgress?.(data.progress, id);
        else resolve(data.value);
      });
    });
    worker.postMessage({ id, call, ...given });
    return done;
  };
  return {
    call,
    load: (request, lacks) => call("load", { request, lacks }),
    /** Does something at the first progress past so many bytes. */
    loadUntil: (request, bytes, act) => {
      let acted = false;
      return call("load", { request }, ({ loaded }, id) => {
        if (acted || loaded < bytes) return;
        acted = true;
        act(id);
      });
    },
    end: () => worker.terminate(),
  };
};
globalThis.ready = true;
`;

/** The test's scripts, bundled as an application would bundle them. */
export async function bundledScripts(): Promise<Record<string, string>> {
  const [workerCode, pageCode] = await Promise.all([bundle(worker), bundle(page)]);
  return { "/worker.js": workerCode, "/page.js": pageCode };
}

async function bundle(code: string): Promise<string> {
  const entry = "virtual:entry";
  const [output] = (await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@predikt/source"] },
    plugins: [
      { name: "entry", resolveId: (id) => (id === entry ? `\0${id}` : undefined), load: (id) => (id === `\0${entry}` ? code : undefined) },
    ],
    build: { write: false, minify: false, rollupOptions: { input: entry, output: { format: "es" } } },
  }).then((built) => (Array.isArray(built) ? built : [built]))) as Rollup.RollupOutput[];
  return (output as Rollup.RollupOutput).output[0].code;
}
