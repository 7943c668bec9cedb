import { readFileSync } from "node:fs";

/** A handwritten 7, as `POST …/digits` takes it. */
export const seven = JSON.parse(readFileSync(new URL("../digits/seven.json", import.meta.url), "utf8")) as { pixels: number[] };

/** Status and JSON of a reply. */
export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** Sends a body as JSON; a string is sent as it is. */
export async function post(url: string, body: unknown): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = await fetch(url, { method: "POST", headers: { "content-type": "application/json", connection: "close" }, body: text });
  return { status: reply.status, json: await reply.json() };
}
