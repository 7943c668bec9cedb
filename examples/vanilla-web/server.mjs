// Serves public/, and beside it the folders that its import map names.
import { createServer } from "node:http";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

const folderOf = (name) => dirname(fileURLToPath(import.meta.resolve(name)));
const folders = {
  "/modules/core": sirv(folderOf("@predikt/core"), { etag: true }),
  "/modules/web": sirv(folderOf("@predikt/web"), { etag: true }),
  "/models": sirv(folderOf("@predikt/example-digits/digits.onnx"), { etag: true, extensions: [] }),
  "": sirv(fileURLToPath(new URL("public", import.meta.url)), { etag: true }),
};

const server = createServer((request, response) => {
  const [prefix, serve] = Object.entries(folders).find(([folder]) => request.url.startsWith(`${folder}/`));
  request.url = request.url.slice(prefix.length);
  // WebAssembly uses more than one thread only on a page that is isolated from other origins.
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  serve(request, response, () => response.writeHead(404).end("nothing here"));
});
const port = Number(process.env.PORT ?? 3000);
server.on("error", ({ message }) => {
  console.error(`${message}. Another port: PORT=${port + 1} npm start`);
  process.exitCode = 1;
});
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
