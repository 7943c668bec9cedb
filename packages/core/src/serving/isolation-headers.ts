/** How a page is isolated. */
export interface IsolationOptions {
  /**
   * Lets the page load files of other origins that send no `Cross-Origin-Resource-Policy`, without cookies. Safari does not know it: there, the page is
   * not isolated then. Default: false, and such files are refused.
   */
  readonly credentialless?: boolean | undefined;
}

/**
 * The response headers that isolate a page from other origins, without which a browser gives WebAssembly one thread. They belong to the page's HTML
 * and to every script that a worker starts from: easiest is to send them with everything.
 */
export function isolationHeaders({ credentialless = false }: IsolationOptions = {}): Record<string, string> {
  return {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": credentialless ? "credentialless" : "require-corp",
  };
}
