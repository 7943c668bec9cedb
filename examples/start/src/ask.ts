import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A handwritten 7 as a request body. */
export const sevenFile = fileURLToPath(new URL("../../digits/seven.json", import.meta.url));

interface DigitReply {
  readonly digit: number;
  readonly confidence: number;
}

/** Asks the server for its page and, over HTTP, for a prediction of each model, and prints the replies. @throws Error where one is not what it must be */
export async function askItself(url: string): Promise<void> {
  const { y } = await post<{ y: number }>(`${url}/api/predict`, '{"x": 3}');
  console.log("\n▸ Asking it over HTTP …");
  console.log(`POST ${url}/api/predict {"x": 3} → ${JSON.stringify({ y })}`);
  if (!(Math.abs(y - 6) < 0.1)) throw new Error(`y = 2x was learnt, so 6 was expected, not ${y}`);

  const { digit, confidence } = await post<DigitReply>(`${url}/api/predict/digits`, await readFile(sevenFile, "utf8"));
  console.log(`POST ${url}/api/predict/digits (a handwritten 7) → {"digit":${digit},"confidence":${confidence}, …}`);
  if (digit !== 7) throw new Error(`a 7 was shown, and ${digit} was read`);

  const page = await fetch(url);
  const type = page.headers.get("content-type") ?? "";
  console.log(`GET ${url}/ → ${page.status} ${type}`);
  if (!page.ok || !type.startsWith("text/html") || !/<title>Predikt</.test(await page.text())) throw new Error("that is not the page");
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
  ${url}            a page to try it: on your device and on this server
  ${url}/api/docs   the API

Or paste into another terminal:
  curl ${url}/api/predict ${json} -d ${quote('{"x": 3}')}
  curl ${url}/api/predict/linear/batch ${json} -d ${quote('[{"x": 1}, {"x": 10}]')}
  curl ${url}/api/predict/digits ${json} -d ${quote(`@${sevenFile}`)}
  curl ${url}/api/models

Ctrl-C ends it.`;
}
