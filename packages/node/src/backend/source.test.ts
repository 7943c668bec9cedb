import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import type { LoadProgress } from "@predikt/core";
import { contractModels } from "@predikt/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { codeOf, writeModelFile } from "../../test/program.ts";
import { createPredictor, type NodePredictorOptions } from "./create-predictor.ts";

const bytes = contractModels().linear;
const sha256 = createHash("sha256").update(bytes).digest("hex");
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx?token=secret`;
}

/** Loads, predicts y = 2 · 3 + 1 and closes. */
async function seven(options: NodePredictorOptions): Promise<unknown> {
  const predictor = await createPredictor({ device: "cpu", execution: "inline", ...options });
  const { y } = await predictor.run({ x: [[3]] });
  await predictor.close();
  return y?.data[0];
}

describe("a source", () => {
  it("may be a path, a file URL, or bytes", async () => {
    const path = writeModelFile(bytes, "my model.onnx");
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, bytes, bytes.slice().buffer, Buffer.from(bytes)]) {
      expect(await seven({ source })).toBe(7);
    }
  });

  it("that are bytes may be changed by the caller afterwards", async () => {
    const source = bytes.slice();
    const loading = createPredictor({ source, device: "cpu", execution: "worker" });
    source.fill(0);
    const predictor = await loading;
    expect(predictor.info.digest).toBe(sha256);
    await predictor.close();
  });

  it("must have the SHA-256 that was asked for", async () => {
    expect(await seven({ source: bytes, sha256 })).toBe(7);
    expect(await seven({ source: bytes, sha256: sha256.toUpperCase() })).toBe(7);
    expect(await codeOf(seven({ source: bytes, sha256: sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }))).toBe(
      "MODEL_INTEGRITY",
    );
    expect(await codeOf(seven({ source: bytes, sha256: "abc" }))).toBe("CONFIG_INVALID");
  });

  it("that is not there, or of no known kind, is refused", async () => {
    expect(await codeOf(seven({ source: "no/such/model.onnx" }))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(seven({ source: "." }))).toBe("MODEL_INVALID");
    expect(await codeOf(seven({ source: "ftp://127.0.0.1/model.onnx" }))).toBe("CONFIG_INVALID");
    expect(await codeOf(seven({ source: 5 as never }))).toBe("CONFIG_INVALID");
    expect(await codeOf(seven({ source: "http://[bad" }))).toBe("CONFIG_INVALID");
    expect(await codeOf(seven({ source: "file://host/model.onnx" }))).toBe("CONFIG_INVALID");
  });
});

describe("a download", () => {
  it("reports its progress, never falling and never above 1", async () => {
    const source = await serve((_req, res) => {
      res.setHeader("content-length", bytes.length);
      res.write(bytes.subarray(0, 40));
      setTimeout(() => res.end(bytes.subarray(40)), 20);
    });
    const seen: LoadProgress[] = [];
    expect(await seven({ source, sha256, onProgress: (progress) => seen.push(progress) })).toBe(7);
    const downloads = seen.filter(({ phase }) => phase === "download");
    expect(downloads.at(0)).toEqual({ phase: "download", loaded: 0, total: bytes.length, ratio: 0 });
    expect(downloads.at(-1)).toEqual({ phase: "download", loaded: bytes.length, total: bytes.length, ratio: 1 });
    const ratios = downloads.map(({ ratio }) => ratio as number);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(["download", "open", "warmup"]);
  });

  it("goes on where it broke off", async () => {
    const ranges: (string | undefined)[] = [];
    const source = await serve((req, res) => {
      ranges.push(req.headers.range);
      res.setHeader("etag", '"v1"');
      if (req.headers.range === undefined) {
        res.setHeader("content-length", bytes.length);
        res.write(bytes.subarray(0, 40), () => res.destroy());
      } else {
        res.writeHead(206, { "content-length": bytes.length - 40, "content-range": `bytes 40-${bytes.length - 1}/${bytes.length}` });
        res.end(bytes.subarray(40));
      }
    });
    expect(await seven({ source, sha256 })).toBe(7);
    expect(ranges).toEqual([undefined, "bytes=40-"]);
  });

  it("starts anew where a part comes that was not asked for", async () => {
    const ranges: (string | undefined)[] = [];
    const source = await serve((req, res) => {
      ranges.push(req.headers.range);
      res.setHeader("etag", '"v1"');
      if (ranges.length === 1) res.writeHead(206, { "content-range": "bytes 5-9/1000" }).end(bytes.subarray(0, 5));
      else if (ranges.length === 2)
        res.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 40), () => res.destroy());
      else if (ranges.length === 3) res.writeHead(206, { "content-range": "bytes 41-90/1000" }).end(bytes.subarray(41, 91));
      else res.end(bytes);
    });
    expect(await seven({ source, sha256 })).toBe(7);
    expect(ranges).toEqual([undefined, undefined, "bytes=40-", undefined]);
  });

  it("starts anew where the server does not resume", async () => {
    let requests = 0;
    const source = await serve((_req, res) => {
      res.setHeader("content-length", bytes.length);
      if (requests++ === 0) res.write(bytes.subarray(0, 40), () => res.destroy());
      else res.end(bytes);
    });
    expect(await seven({ source, sha256 })).toBe(7);
    expect(requests).toBe(2);
  });

  it("tries again after 503, and gives up with MODEL_FETCH", async () => {
    let requests = 0;
    const source = await serve((_req, res) => {
      requests++;
      res.writeHead(requests === 1 ? 503 : 200).end(requests === 1 ? "" : bytes);
    });
    expect(await seven({ source })).toBe(7);
    const broken = await serve((_req, res) => res.writeHead(500).end());
    const error = await seven({ source: broken, download: { retries: 1 } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "MODEL_FETCH", details: { attempts: 2 } });
    expect((error as Error).message).not.toContain("secret");
  });

  it("does not try again where that cannot help", async () => {
    let requests = 0;
    const source = await serve((_req, res) => {
      requests++;
      res.writeHead(requests === 1 ? 404 : 403).end();
    });
    expect(await codeOf(seven({ source }))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(seven({ source }))).toBe("MODEL_FETCH");
    expect(requests).toBe(2);
  });

  it("fails where no byte comes, and where nobody listens", async () => {
    const silent = await serve(() => {});
    expect(await codeOf(seven({ source: silent, download: { retries: 0, idleTimeoutMs: 50 } }))).toBe("MODEL_FETCH");
    expect(await codeOf(seven({ source: "http://127.0.0.1:1/model.onnx", download: { retries: 0 } }))).toBe("MODEL_FETCH");
  });

  it("stops at the limit, and on abort", async () => {
    const large = await serve((_req, res) => res.end(Buffer.alloc(100_000)));
    expect(await codeOf(seven({ source: large, limits: { maxModelBytes: 1000 } }))).toBe("MODEL_REFUSED");
    const huge = await serve((_req, res) => void res.writeHead(200, { "content-length": 2 ** 31 + 1 }).write("x"));
    expect(await codeOf(seven({ source: huge }))).toBe("MODEL_REFUSED");
    const silent = await serve(() => {});
    const controller = new AbortController();
    const loading = codeOf(seven({ source: silent, signal: controller.signal }));
    controller.abort("enough");
    expect(await loading).toBe("enough");
  });

  it("sends the headers that it was given", async () => {
    let authorization: string | undefined;
    const source = await serve((req, res) => {
      authorization = req.headers.authorization;
      res.end(bytes);
    });
    await seven({ source, download: { headers: { authorization: "Bearer t" } } });
    expect(authorization).toBe("Bearer t");
  });

  it("sends credentials of the URL as Basic authentication, and never says them", async () => {
    let authorization: string | undefined;
    const source = await serve((req, res) => {
      authorization = req.headers.authorization;
      res.end(bytes);
    });
    expect(await seven({ source: source.replace("//", "//user:hunter%32@") })).toBe(7);
    expect(authorization).toBe(`Basic ${Buffer.from("user:hunter2").toString("base64")}`);
    const nobody = seven({ source: "http://user:hunter2@127.0.0.1:1/model.onnx", download: { retries: 0 } });
    await expect(nobody).rejects.toThrow(expect.objectContaining({ code: "MODEL_FETCH", message: expect.not.stringContaining("hunter2") }));
    const broken = seven({ source, download: { headers: { "x-api-key": "hunter2\n", "x y": "z" } } });
    await expect(broken).rejects.toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.not.stringContaining("hunter2") }),
    );
  });

  it("follows redirects, and takes its headers to no other origin", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const target = await serve((req, res) => {
      seen.push(req.headers);
      res.end(bytes);
    });
    const away = await serve((_req, res) => res.writeHead(302, { location: target }).end());
    const home = await serve((req, res) => {
      seen.push(req.headers);
      if (req.url === "/again") res.end(bytes);
      else res.writeHead(307, { location: "/again" }).end();
    });
    const download = { headers: { "x-api-key": "k", authorization: "Bearer t" } };
    expect(await seven({ source: away, download })).toBe(7);
    expect(seen[0]?.["x-api-key"] ?? seen[0]?.authorization).toBeUndefined();
    expect(await seven({ source: home, download })).toBe(7);
    expect(seen.slice(1).map((headers) => headers["x-api-key"])).toEqual(["k", "k"]);
  });

  it("gives up on redirects that lead nowhere", async () => {
    let requests = 0;
    const to = (location: string): Promise<string> =>
      serve((_req, res) => {
        requests++;
        res.writeHead(302, { location }).end();
      });
    expect(await codeOf(seven({ source: await to("/again") }))).toBe("MODEL_FETCH");
    expect(requests).toBe(21);
    expect(await codeOf(seven({ source: await to("file:///etc/hostname") }))).toBe("MODEL_FETCH");
    expect(await codeOf(seven({ source: await to("http://[") }))).toBe("MODEL_FETCH");
  });
});
