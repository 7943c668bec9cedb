import { describe, expect, it } from "vitest";
import { RemoteError } from "../errors/index.ts";
import { FakeClock, settle } from "../testing/index.ts";
import { type Endpoint, Fleet } from "./fleet.ts";
import { Probes } from "./probes.ts";
import type { Answer, Transport, TransportCall } from "./transport.ts";

const dead: Answer<boolean> = { error: new RemoteError("REMOTE_UNREACHABLE", "dead"), again: true, faulty: true, retryAfterMs: 0 };

/** Endpoints whose readiness is a variable. */
function setUp(count: number) {
  const clock = new FakeClock();
  const state: (Answer<boolean> | "hangs")[] = Array.from({ length: count }, () => ({ value: true }));
  const asked: number[] = [];
  const links = state.map((_, i) => {
    const ready = async ({ signal }: TransportCall): Promise<Answer<boolean>> => {
      asked.push(i);
      const now = state[i] as (typeof state)[number];
      if (now !== "hangs") return now;
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("ended"))));
    };
    return { url: `https://${i}.test`, transport: { ready } as Transport };
  });
  let probes: Probes | undefined;
  const fleet = new Fleet(links, { failures: 1, restMs: 60_000 }, clock, () => probes?.schedule());
  probes = new Probes(fleet, { intervalMs: 5000, timeoutMs: 2000 });
  probes.schedule();
  const inUse = (): number[] => fleet.endpoints.flatMap(({ circuit }, i) => (circuit.open ? [] : [i]));
  return { clock, state, asked, fleet, probes, inUse };
}

describe("health probes", () => {
  it("take out an endpoint that does not answer, is not ready or hangs, and bring it back", async () => {
    const { clock, state, inUse, fleet, probes } = setUp(4);
    state[0] = dead;
    state[1] = { value: false };
    state[2] = "hangs";
    await clock.advance(5000);
    await clock.advance(2000);
    expect(inUse()).toEqual([3]);
    expect(fleet.endpoints.map(({ circuit }) => circuit.reason)).toEqual([
      "dead",
      "it says that it is not ready",
      "no answer to a health probe within 2000 ms",
      "",
    ]);
    state.fill({ value: true });
    await clock.advance(5000);
    expect(inUse()).toEqual([0, 1, 2, 3]);
    await probes.close();
  });

  it("never take out the last one in use", async () => {
    const { clock, state, inUse, probes } = setUp(2);
    state.fill(dead);
    await clock.advance(30_000);
    expect(inUse()).toHaveLength(1);
    await probes.close();
  });

  it("leave a lone endpoint alone until it is out of use", async () => {
    const { clock, asked, fleet, probes, inUse } = setUp(1);
    await clock.advance(60_000);
    expect(asked).toEqual([]);
    expect(clock.pending).toBe(0);
    (fleet.endpoints[0] as Endpoint).circuit.failed("because");
    expect(inUse()).toEqual([]);
    await clock.advance(5000);
    expect(inUse()).toEqual([0]);
    expect(clock.pending).toBe(0);
    await probes.close();
  });

  it("closing ends those under way, changes nothing, and leaves no timer", async () => {
    const { clock, state, inUse, probes, asked } = setUp(2);
    state[0] = "hangs";
    await clock.advance(5000);
    expect(asked).toEqual([0, 1]);
    await probes.close();
    await settle();
    expect(inUse()).toEqual([0, 1]);
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(asked).toEqual([0, 1]);
  });
});
