import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { digitsModel, linearModel } from "../../lib/models.mjs";
import { detectorModel, photoModel } from "./models.mjs";
import { builtPages, transformersRuntime } from "./pages.mjs";

const types = { js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", json: "application/json", html: "text/html" };

/** A site on 127.0.0.1 with the pages and the models. It counts the bytes that it sends. */
export async function openSite() {
  const { folder, runtime } = await builtPages();
  const photo = photoModel();
  const files = {
    "/models/linear.onnx": linearModel,
    "/models/digits.onnx": digitsModel,
    "/models/detector.onnx": detectorModel(),
    "/models/photo/onnx/model.onnx": photo,
    "/models/photo/config.json": JSON.stringify({ model_type: "resnet", architectures: ["ResNetForImageClassification"] }),
  };
  const sent = new Map();
  const server = createServer((req, res) => {
    const path = new URL(req.url, "http://site").pathname;
    const body = path.endsWith(".html") ? page(path, runtime) : bodyOf(path, files, folder);
    res.setHeader("cross-origin-opener-policy", "same-origin").setHeader("cross-origin-embedder-policy", "require-corp");
    if (body === undefined) return res.writeHead(404).end();
    sent.set(path, (sent.get(path) ?? 0) + body.length);
    res.setHeader("content-type", types[path.split(".").pop()] ?? "application/octet-stream");
    res.setHeader("cache-control", path.endsWith(".html") ? "no-cache" : "public, max-age=31536000, immutable");
    res.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    /** A page's address. */
    page: (name) => `http://127.0.0.1:${server.address().port}/${name}.html`,
    /** Bytes that were sent of a file so far. */
    sent: (path) => sent.get(path) ?? 0,
    photo,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function page(path, runtime) {
  const head = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>page</title>`;
  return `${head}<script>globalThis.runtimeFiles = ${JSON.stringify(runtime)};</script><script type="module" src="${path.replace(".html", ".js")}"></script>`;
}

function bodyOf(path, files, folder) {
  if (Object.hasOwn(files, path)) return files[path];
  const [, name] = /^\/transformers-runtime\/([\w.-]+)$/.exec(path) ?? [];
  const file = name === undefined ? folder + path.slice(1) : `${transformersRuntime()}/${name}`;
  return existsSync(file) && !path.includes("..") ? readFileSync(file) : undefined;
}
