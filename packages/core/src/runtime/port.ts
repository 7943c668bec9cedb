import type { ErrorJson } from "../errors/index.ts";

/** What one side can be asked, and what it answers, by name. All of it can be cloned. */
export type CallMap = { readonly [name: string]: { readonly ask: object; readonly answer: unknown } };

/** To the side that answers. */
export type Message =
  | { readonly type: "call"; readonly id: number; readonly name: string; readonly ask: unknown }
  | { readonly type: "abort"; readonly id: number };

/** From the side that answers. `fatal`: it is of no use any more. `news`: what is told before the answer. */
export type Report =
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: ErrorJson; readonly fatal: boolean }
  | { readonly type: "news"; readonly id: number; readonly news: unknown }
  | { readonly type: "lost"; readonly reason: string };

/** What a worker's scope and a message port have in common. */
export interface Port {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}
