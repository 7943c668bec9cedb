/** Waits, turn by turn of the event loop, until something is so. */
export async function until(condition: () => boolean, what = "the condition"): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} never came true`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
