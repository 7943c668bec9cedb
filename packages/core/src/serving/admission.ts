import { isPrediktError, LifecycleError } from "../errors/index.ts";
import type { AccessHook, AccessRequest, Leave } from "./access.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import type { Route, RouteCall } from "./protocol.ts";
import { toJson } from "./wire/index.ts";

/** Answers a request that its access hook allows. `onCaller` hears who asks, once the hook knows. */
export async function admit(access: AccessHook, call: RouteCall, route: Route, onCaller: (id: string) => void): Promise<NeutralReply> {
  const { request, requestId } = call;
  const { operation, model } = route;
  const asking: AccessRequest = {
    method: request.method,
    header: (name) => request.header(name),
    requestId,
    operation,
    model,
    address: request.address?.(),
    caller: undefined,
  };
  try {
    const leave = await decided(() => access(asking));
    const weigh = leave?.weigh;
    const known = asking.caller !== undefined;
    try {
      if (weigh === undefined) return await route.answer({ request, requestId, known });
      const metered = new Metered(request, weigh);
      const reply = await route.answer({ requestId, request: metered, known, weigh: (rows) => metered.weigh(rows) });
      await metered.end();
      return reply;
    } finally {
      if (leave !== undefined) go(leave);
    }
  } finally {
    if (asking.caller !== undefined) onCaller(asking.caller.id);
  }
}

/**
 * Has an access hook decide. One that fails has allowed nothing, and what it says of itself may be a secret: it is the cause, and nothing of it the reply.
 *
 * @throws The hook's own refusal, or LifecycleError NOT_READY
 */
export async function decided<T>(decide: () => T | Promise<T>): Promise<T> {
  try {
    return await decide();
  } catch (cause) {
    if (isPrediktError(cause)) throw cause;
    throw new LifecycleError("NOT_READY", "the access hook failed, so that nobody is let in", { cause });
  }
}

/** A hook's failure at the end must not take the place of a reply. */
function go(leave: Leave): void {
  try {
    leave();
  } catch {
    // Nobody is left to tell.
  }
}

/** A request whose body is weighed as soon as it has been read. */
class Metered implements NeutralRequest {
  readonly #inner: NeutralRequest;
  readonly #weigh: NonNullable<Leave["weigh"]>;
  /** What has been read and not been weighed. */
  #bytes = 0;
  #hasBody = false;
  #hasRows = false;

  constructor(inner: NeutralRequest, weigh: NonNullable<Leave["weigh"]>) {
    this.#inner = inner;
    this.#weigh = weigh;
  }

  get method(): string {
    return this.#inner.method;
  }

  get url(): string {
    return this.#inner.url;
  }

  get base(): string {
    return this.#inner.base;
  }

  get signal(): NeutralRequest["signal"] {
    return this.#inner.signal;
  }

  header(name: string): string | undefined {
    return this.#inner.header(name);
  }

  origin(): string {
    return this.#inner.origin();
  }

  address(): string | undefined {
    return this.#inner.address?.();
  }

  parsed(): unknown {
    const parsed = this.#inner.parsed();
    if (parsed !== undefined) this.#measure(parsed);
    return parsed;
  }

  async text(limit: number): Promise<string> {
    const text = await this.#inner.text(limit);
    this.#measure(text);
    await this.#weighBytes();
    return text;
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const bytes = await this.#inner.bytes(limit);
    this.#measure(bytes);
    await this.#weighBytes();
    return bytes;
  }

  async pieces(limit: number): Promise<readonly Uint8Array[]> {
    const pieces = (await this.#inner.pieces?.(limit)) ?? [await this.#inner.bytes(limit)];
    const read = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    this.#count(read, () => read);
    await this.#weighBytes();
    return pieces;
  }

  #measure(body: unknown): void {
    const least = body instanceof Uint8Array ? body.byteLength : typeof body === "string" ? body.length : 0;
    this.#count(least, () => sizeOf(body));
  }

  /** What the client said is what was sent. One that sends in chunks says nothing. */
  #count(least: number, read: () => number): void {
    const said = Number(this.header("content-length"));
    this.#bytes = Number.isSafeInteger(said) && said > 0 ? Math.max(said, least) : read();
    this.#hasBody = true;
  }

  /** Rows, and the bytes of a body that somebody else has read. */
  async weigh(rows: number): Promise<void> {
    this.#hasRows = true;
    const bytes = this.#bytes;
    this.#bytes = 0;
    await decided(() => this.#weigh({ rows, bytes }));
  }

  /** A route that does not say how many rows there were has had one. It is too late to refuse it. */
  async end(): Promise<void> {
    if (this.#hasRows || !this.#hasBody) return;
    try {
      await this.weigh(1);
    } catch {
      // The next request will be refused.
    }
  }

  async #weighBytes(): Promise<void> {
    const bytes = this.#bytes;
    this.#bytes = 0;
    await decided(() => this.#weigh({ rows: 0, bytes }));
  }
}

/** Bytes of a body that has been read: of a value that somebody else has parsed, those that it would have as text. */
function sizeOf(body: unknown): number {
  if (body instanceof Uint8Array) return body.byteLength;
  return new TextEncoder().encode(typeof body === "string" ? body : toJson(body)).byteLength;
}
