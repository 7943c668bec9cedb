/** A server as a `fetch`. */
export function injected(server: (request: Request) => Promise<Response>): typeof globalThis.fetch {
  return (input, init) => server(new Request(input as string, init));
}

/** The code of what a promise rejects with. */
export function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it resolved",
    (error: { code?: unknown }) => error.code ?? error,
  );
}
