import { Failure } from "./failure.ts";

/**
 * Asks a server what it speaks: our typed route first, which has the definition's own inputs, then OIP.
 *
 * @throws Failure where it speaks neither, or does not answer
 */
export async function findProtocol(base: string, headers: Readonly<Record<string, string>>): Promise<"typed" | "oip"> {
  const typed = await ask(`${base}/models`, headers);
  if (Array.isArray(typed.json["models"])) return "typed";
  const oip = await ask(`${base}/v2`, headers);
  if (typeof oip.json["name"] === "string") return "oip";
  const refused = [typed, oip].find(({ status }) => status === 401 || status === 403);
  if (refused !== undefined) throw new Failure(`${base} answered ${refused.status}: it wants a --header that says who asks`);
  throw new Failure(`${base} speaks neither our typed route (GET /models: ${typed.status}) nor OIP v2 (GET /v2: ${oip.status})`);
}

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  let reply: Response;
  try {
    reply = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  } catch (cause) {
    throw new Failure(`${new URL(url).origin} does not answer: ${reasonOf(cause)}`, { cause });
  }
  const json: unknown = await reply.json().catch(() => undefined);
  return { status: reply.status, json: typeof json === "object" && json !== null ? (json as Answer["json"]) : {} };
}

/** What lies at the bottom of "fetch failed". */
export function reasonOf(error: unknown): string {
  const { cause, message, code } = (error ?? {}) as { cause?: unknown; message?: string; code?: string };
  if (cause !== undefined) return reasonOf(cause);
  return message || code || String(error);
}
