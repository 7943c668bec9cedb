import { BackendError } from "@predikt/core";
import { assetsCure } from "./assets-cure.ts";

/** What is wrong with a file of the runtime, found by fetching it; undefined where nothing is. `details.unreachable` is set where the network is. */
export async function brokenFile(url: string, kind: "script" | "wasm"): Promise<BackendError | undefined> {
  const missing = (what: string, cure: string, unreachable = false): BackendError =>
    new BackendError("BACKEND_MISSING", `the runtime's file ${url} ${what}: ${cure}`, { details: { url, unreachable } });
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return missing(
      `cannot be fetched (${why})`,
      "is the network there, and does the server send CORS headers if it is another origin?",
      true,
    );
  }
  if (!response.ok) return missing(`answers with status ${response.status}`, assetsCure);
  const reader = response.body?.getReader();
  const { value: head = new Uint8Array(0) } = (await reader?.read()) ?? {};
  void reader?.cancel();
  const isHtml = response.headers.get("content-type")?.includes("text/html") === true || head[0] === 0x3c;
  if (isHtml) return missing("is an HTML page", `the server answers unknown paths with its index page; ${assetsCure}`);
  const isWasm = head[0] === 0 && head[1] === 0x61 && head[2] === 0x73 && head[3] === 0x6d;
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  if (kind === "wasm" && !isWasm && !isGzip) return missing("is no WebAssembly", assetsCure);
  return undefined;
}
