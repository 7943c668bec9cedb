import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A handwritten 7 as a request body. */
export const sevenFile = fileURLToPath(new URL("../../digits/seven.json", import.meta.url));

/** Sends the server one request for each model over HTTP and prints both with their replies. @throws Error where a reply is not what it must be */
export async function askItself(url: string): Promise<void> {
  const { y } = await post<{ y: number }>(`${url}/api/predict`, '{"x": 3}');
  console.log("\n▸ Asking it over HTTP …");
  console.log(`POST ${url}/api/predict {"x": 3} → ${JSON.stringify({ y })}`);
  if (!(Math.abs(y - 6) < 0.1)) throw new Error(`y = 2x was learnt, so 6 was expected, not ${y}`);

  const read = await post<{ digit: number }>(`${url}/api/predict/digits`, await readFile(sevenFile, "utf8"));
  console.log(`POST ${url}/api/predict/digits (a handwritten 7) → ${JSON.stringify(read)}`);
  if (read.digit !== 7) throw new Error(`a 7 was shown, and ${read.digit} was read`);
}

async function post<Reply>(url: string, body: string): Promise<Reply> {
  const reply = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as Reply;
}

/** What a reader can do next: addresses, and lines to paste into a terminal. */
export function nextSteps(url: string): string {
  const quote = process.platform === "win32" ? (text: string) => `"${text.replaceAll('"', '\\"')}"` : (text: string) => `'${text}'`;
  const json = `-H ${quote("content-type: application/json")}`;
  return `
It runs. Open in a browser:
  ${url}            a page to try it
  ${url}/api/docs   the API

Or paste into another terminal:
  curl ${url}/api/predict ${json} -d ${quote('{"x": 3}')}
  curl ${url}/api/predict/linear/batch ${json} -d ${quote('[{"x": 1}, {"x": 10}]')}
  curl ${url}/api/predict/digits ${json} -d ${quote(`@${sevenFile}`)}
  curl ${url}/api/models

Ctrl-C ends it.`;
}
