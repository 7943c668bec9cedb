import { describe, expect, it } from "vitest";
import { shortest } from "./shortest.ts";

/** Rounds that take so long, one after another. */
async function timed(durations: readonly number[], rounds = durations.length): Promise<{ readonly best: number; readonly count: number }> {
  let at = 1000;
  let count = 0;
  const round = async (): Promise<void> => {
    at += durations[count++] as number;
  };
  const best = await shortest(round, rounds, () => at);
  return { best, count };
}

describe("the shortest round", () => {
  it("is that of all", async () => expect(await timed([90, 7, 5, 6])).toEqual({ best: 5, count: 4 }));

  it("is that of two where they take long", async () => expect(await timed([9000, 700, 5, 6])).toEqual({ best: 700, count: 2 }));

  it("is that of those that half a second had room for", async () =>
    expect(await timed([300, 150, 100, 6])).toEqual({ best: 100, count: 3 }));
});
