/** Calls a hook whose own failure must not become the client's, nor the process's where the hook is async. */
export function shielded(hook: () => unknown): void {
  try {
    const result = hook();
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // Nobody is left to tell.
  }
}
