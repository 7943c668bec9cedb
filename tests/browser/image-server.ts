import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";

const dist = (path: string): string => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));

/** Serves the built packages under `/web/` and `/core/`, an empty page for anything else, and `/dot.svg`, which other origins may not read. */
export async function serveImages(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? "/", "http://localhost");
    const [, name, file] = /^\/(web|core)\/([\w.-]+\.js)$/.exec(pathname) ?? [];
    const path = dist(`${name}/dist/${file}`);
    if (pathname === "/dot.svg") {
      res.setHeader("content-type", "image/svg+xml").end('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    } else if (name !== undefined && existsSync(path)) {
      // As a bundler resolves them; import maps do not reach workers.
      const text = readFileSync(path, "utf8").replace(
        /(['"])@predikt\/core(\/\w+)?\1/g,
        (_all, _quote, sub) => `"/core${sub ?? "/index"}.js"`,
      );
      res.setHeader("content-type", "text/javascript").end(text);
    } else res.setHeader("content-type", "text/html").end("<!doctype html><title>page</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}
