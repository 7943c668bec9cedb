import { afterEach, expect, it } from "vitest";
import { createProgress } from "./progress.ts";
import { processTerminal } from "./terminal.ts";

const terminal = { ...processTerminal(), isInteractive: true };
const own = (): void => {};

afterEach(() => process.off("SIGINT", own));

it("a signal takes the bar away, and leaves its meaning to who listens", () => {
  process.on("SIGINT", own);
  const before = process.listeners("SIGINT");
  const progress = createProgress(terminal);
  progress.update(0.5, "download digits");
  expect(process.listeners("SIGINT")).toHaveLength(before.length + 1);
  process.emit("SIGINT", "SIGINT");
  expect(process.listeners("SIGINT")).toEqual(before);
});

it("a bar that has ended listens no more", () => {
  const before = (["SIGINT", "SIGTERM", "SIGHUP", "exit"] as const).map((name) => process.listenerCount(name));
  const progress = createProgress(terminal);
  progress.update(undefined, "session digits");
  progress.end();
  progress.end();
  expect((["SIGINT", "SIGTERM", "SIGHUP", "exit"] as const).map((name) => process.listenerCount(name))).toEqual(before);
});
