/** What the parent tells a child. The key is ours, so that an application's own messages pass by. */
export type ToChild =
  | { readonly predikt: "drain" }
  /** After `drained`: no connection is on its way to the child any more, and it may go. */
  | { readonly predikt: "leave" }
  | { readonly predikt: "collect"; readonly id: number }
  | { readonly predikt: "all"; readonly id: number; readonly values: readonly unknown[] };

/** What a child tells its parent. */
export type ToParent =
  | { readonly predikt: "ready" }
  /** It was told to end, though not by the parent, and drains. */
  | { readonly predikt: "leaving" }
  | { readonly predikt: "drained"; readonly failure: string | undefined }
  | { readonly predikt: "collected"; readonly id: number; readonly values: readonly unknown[] }
  | { readonly predikt: "collect-all"; readonly id: number };

/** Whether a message is one of ours. */
export function isOurs(message: unknown): message is ToChild | ToParent {
  return typeof message === "object" && message !== null && "predikt" in message;
}
