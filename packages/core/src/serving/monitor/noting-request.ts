import type { AbortLike } from "../../types/index.ts";
import type { NeutralRequest } from "../neutral.ts";

/** Characters of an input that a log line has. */
const longest = 4096;

/** A request that notes the text of its body as it is read, for the log. Of bytes it notes how many there were. */
export class NotingRequest implements NeutralRequest {
  /** What was read; undefined where nothing was. */
  input: string | undefined;
  readonly #request: NeutralRequest;

  constructor(request: NeutralRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.url;
  }

  get base(): string {
    return this.#request.base;
  }

  get signal(): AbortLike {
    return this.#request.signal;
  }

  header(name: string): string | undefined {
    return this.#request.header(name);
  }

  origin(): string {
    return this.#request.origin();
  }

  parsed(): unknown {
    const value = this.#request.parsed();
    if (value instanceof Uint8Array) this.input = `${value.byteLength} bytes`;
    else if (value !== undefined) this.#note(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
    return value;
  }

  async text(limit: number): Promise<string> {
    const text = await this.#request.text(limit);
    this.#note(text);
    return text;
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const bytes = await this.#request.bytes(limit);
    this.input = `${bytes.byteLength} bytes`;
    return bytes;
  }

  #note(text: string): void {
    this.input = text.length > longest ? `${text.slice(0, longest)}…` : text;
  }
}
