import { ModelError } from "@predikt/core";

/** As many bytes as are looked at. */
export const sniffedBytes = 64;

/**
 * Refuses a page or an API's answer that came instead of a model: most often a single-page application's index.html, sent for every unknown path.
 *
 * @param head The file's first bytes, {@link sniffedBytes} of them or the whole file.
 * @throws ModelError MODEL_INVALID
 */
export function assertNoPage(head: Uint8Array, contentType: string | null, url: string): void {
  const what = /^\s*text\/html/i.test(contentType ?? "") ? "a web page" : textKind(head);
  if (what === undefined) return;
  throw new ModelError("MODEL_INVALID", `what came from ${url} is ${what}, not a model: ${reasons[what]}`, {
    details: { url, contentType, received: what },
  });
}

const reasons = {
  "a web page":
    "the server probably answers unknown paths with its index.html, so the model is not where the URL says (is it in the folder of static files, and copied by the build?)",
  JSON: "the server probably answered with an error of its API, so the model is not where the URL says",
  "a Git LFS pointer": "the file was checked out or deployed without Git LFS, so that the model itself is missing",
};

function textKind(head: Uint8Array): keyof typeof reasons | undefined {
  const start = head.subarray(0, sniffedBytes);
  // A tensor's raw bytes may begin with any letter; they do not go on for long without what no text has.
  if (start.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return undefined;
  const text = new TextDecoder().decode(start).trimStart();
  if (text.startsWith("<")) return "a web page";
  if (/^[{[]/.test(text)) return "JSON";
  return text.startsWith("version https://git-lfs") ? "a Git LFS pointer" : undefined;
}
