import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSite, type Site } from "./models.ts";
import { adapters, type Served } from "./servers.ts";

// Clients that were written for other servers, unchanged but for the address.

let site: Site;
let served: Served;

beforeAll(async () => {
  site = await createSite();
  served = await (adapters["node:http"] as (typeof adapters)[string])(site.options);
});
afterAll(async () => {
  await served.close();
  await site.close();
});

/** Sends a request byte by byte as it stands, and gives the reply's head and body. */
function exchange(
  head: readonly string[],
  body: string | Buffer = "",
): Promise<{ readonly status: string; readonly head: string; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(served.origin).port), "127.0.0.1").on("error", reject);
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => {
      const text = Buffer.concat(chunks).toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      resolve({ status: text.slice(9, 12), head: text.slice(0, end).toLowerCase(), body: text.slice(end + 4) });
    });
    socket.write(`${[...head, "Connection: close"].join("\r\n")}\r\n\r\n`);
    socket.write(body);
  });
}

const curl = (line: string, ...more: readonly string[]): readonly string[] => [
  line,
  "Host: localhost:8000",
  "User-Agent: curl/8.5.0",
  "Accept: */*",
  ...more,
];

describe("what curl sends for the lines of others' documents", () => {
  it("health, as Triton's quick start asks: curl -v localhost:8000/v2/health/ready", async () => {
    expect(await exchange(curl("GET /api/v2/health/ready HTTP/1.1"))).toMatchObject({ status: "200", body: '{"live":true,"ready":true}' });
  });

  it("OIP's infer, with -d and no content type of its own", async () => {
    const body = '{"inputs":[{"name":"x","shape":[2,1],"datatype":"FP32","data":[[1.5],[-2]]}]}';
    const head = curl(
      "POST /api/v2/models/double/versions/4/infer HTTP/1.1",
      `Content-Length: ${body.length}`,
      "Content-Type: application/x-www-form-urlencoded",
    );
    const got = await exchange(head, body);
    expect(got).toMatchObject({ status: "200" });
    expect(JSON.parse(got.body)).toEqual({
      model_name: "double",
      model_version: "4",
      outputs: [{ name: "y", datatype: "FP32", shape: [2, 1], data: [3, -4] }],
    });
  });

  it("OIP's infer with --data-binary and the header, mixed with digits past 2⁵³", async () => {
    const json = '{"inputs":[{"name":"x","shape":[2],"datatype":"INT64","parameters":{"binary_data_size":16}}]}';
    const bytes = Buffer.from(BigInt64Array.of(9007199254740993n, -(2n ** 63n)).buffer);
    const head = curl(
      "POST /api/v2/models/long/infer HTTP/1.1",
      `Inference-Header-Content-Length: ${json.length}`,
      `Content-Length: ${json.length + 16}`,
      "Content-Type: application/octet-stream",
    );
    const got = await exchange(head, Buffer.concat([Buffer.from(json), bytes]));
    expect(got.body).toBe(
      '{"model_name":"long","model_version":"1","outputs":[{"name":"y","datatype":"INT64","shape":[2],"data":[9007199254740993,-9223372036854775808]}]}',
    );
  });

  it("TensorFlow Serving's half_plus_two: curl -d '{\"instances\": …}' -X POST …:predict", async () => {
    const body = '{"instances": [[1.0], [2.0], [5.0]]}';
    const head = curl(
      "POST /api/v1/models/double:predict HTTP/1.1",
      `Content-Length: ${body.length}`,
      "Content-Type: application/x-www-form-urlencoded",
    );
    expect(JSON.parse((await exchange(head, body)).body)).toEqual({ predictions: [[2], [4], [10]] });
    const status = await exchange(curl("GET /api/v1/models/double HTTP/1.1"));
    expect(JSON.parse(status.body).model_version_status[0]).toEqual({
      version: "3",
      state: "AVAILABLE",
      status: { error_code: "OK", error_message: "" },
    });
  });
});

const python = ((): string | undefined => {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return "python3";
  } catch {
    return undefined;
  }
})();

it.skipIf(python === undefined)("what Triton's client in Python does, by urllib (needs python3)", async () => {
  const program = fileURLToPath(new URL("fixtures/triton_client.py", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(python as string, [program, `${served.origin}/api`]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    inputs: ["FP32", "INT32"],
    id: "42",
    model: ["two", "1"],
    values: { z: [5 * 2 ** 40], y: [2, 4, 6] },
    refused: [404, expect.stringContaining('model "nobody"')],
    count: 1,
  });
});

it("GET /v2 tells the package's version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../packages/core/package.json", import.meta.url), "utf8")) as { version: string };
  expect(JSON.parse((await exchange(curl("GET /api/v2 HTTP/1.1"))).body)).toMatchObject({ version });
});
