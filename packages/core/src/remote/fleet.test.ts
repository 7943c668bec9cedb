import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/index.ts";
import type { BackendEvent } from "../types/index.ts";
import { type Endpoint, Fleet } from "./fleet.ts";
import type { Transport } from "./transport.ts";

const transport = {} as Transport;
const limits = { failures: 3, restMs: 1000 };

function fleetOf(count: number): { readonly fleet: Fleet; readonly clock: FakeClock; readonly events: BackendEvent[] } {
  const clock = new FakeClock();
  const events: BackendEvent[] = [];
  const links = Array.from({ length: count }, (_, i) => ({ url: `https://${i}.test`, transport }));
  return { fleet: new Fleet(links, limits, clock, (event) => events.push(event)), clock, events };
}

const none: ReadonlySet<Endpoint> = new Set();

describe("the balancer", () => {
  it("asks whoever has the fewest requests under way, in turn where they are equal", () => {
    const { fleet } = fleetOf(3);
    const order = Array.from({ length: 6 }, () => fleet.pick(none)?.url);
    expect(order).toEqual([0, 1, 2, 0, 1, 2].map((i) => `https://${i}.test`));
    for (const [i, outstanding] of [4, 2, 3].entries()) (fleet.endpoints[i] as Endpoint).outstanding = outstanding;
    expect(fleet.pick(none)?.url).toBe("https://1.test");
  });

  it("prefers one that was not tried yet, however busy", () => {
    const { fleet } = fleetOf(2);
    const [idle, busy] = fleet.endpoints as [Endpoint, Endpoint];
    busy.outstanding = 9;
    expect(fleet.pick(new Set([idle]))).toBe(busy);
    expect(fleet.hasUntried(new Set([idle]))).toBe(true);
    expect(fleet.pick(new Set([idle, busy]))).toBe(idle);
    expect(fleet.hasUntried(new Set([idle, busy]))).toBe(false);
  });

  it("whatever happens, gives one in use with the fewest under way, or none where none is in use", async () => {
    const step = fc.record({
      what: fc.constantFrom("start", "end", "fail", "answer", "wait", "pass", "trip"),
      which: fc.nat(4),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 80 }), async (count, steps) => {
        const { fleet, clock } = fleetOf(count);
        for (const { what, which } of steps) {
          const one = fleet.endpoints[which % count] as Endpoint;
          if (what === "start") {
            const picked = fleet.pick(none);
            const inUse = fleet.endpoints.filter(({ circuit }) => circuit.admits);
            expect(picked === undefined).toBe(inUse.length === 0);
            if (picked === undefined) continue;
            expect(picked.outstanding).toBe(Math.min(...inUse.map(({ outstanding }) => outstanding)));
            expect(picked.circuit.admits).toBe(true);
            picked.circuit.begin();
            picked.outstanding++;
            continue;
          }
          if (what === "wait") await clock.advance(limits.restMs / 2);
          else if (what === "pass") one.circuit.passed();
          else if (what === "trip") one.circuit.trip("because");
          else if (one.outstanding > 0) {
            one.outstanding--;
            if (what === "fail") one.circuit.failed("because");
            else if (what === "answer") one.circuit.answered();
            else one.circuit.left();
          }
        }
        // However it came to this, time alone brings every endpoint back for a trial, unless one is under way.
        for (const { circuit } of fleet.endpoints) circuit.left();
        await clock.advance(limits.restMs);
        expect(fleet.endpoints.every(({ circuit }) => circuit.admits)).toBe(true);
      }),
    );
  });

  it("spreads requests that stay under way evenly over what is in use", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(40), fc.uniqueArray(fc.nat(5), { maxLength: 5 }), (count, requests, out) => {
        const { fleet } = fleetOf(count);
        for (const i of out) fleet.endpoints[i]?.circuit.trip("because");
        const inUse = fleet.endpoints.filter(({ circuit }) => circuit.admits);
        for (let i = 0; i < requests; i++) {
          const picked = fleet.pick(none);
          if (picked !== undefined) picked.outstanding++;
        }
        const loads = inUse.map(({ outstanding }) => outstanding);
        if (loads.length > 0) expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
        expect(fleet.endpoints.reduce((sum, { outstanding }) => sum + outstanding, 0)).toBe(inUse.length > 0 ? requests : 0);
      }),
    );
  });
});

describe("an endpoint's circuit", () => {
  it("opens at failures in a row, rests, lets one through on trial, and closes by its answer", async () => {
    const { fleet, clock, events } = fleetOf(1);
    const [{ circuit }] = fleet.endpoints as [Endpoint];
    circuit.failed("one");
    circuit.failed("two");
    circuit.answered();
    circuit.failed("one");
    circuit.failed("two");
    expect(circuit.open).toBe(false);
    circuit.failed("three");
    expect(circuit).toMatchObject({ open: true, admits: false, restMs: 1000, reason: "three" });
    expect(fleet.allResting()).toMatchObject({
      code: "REMOTE_UNREACHABLE",
      message: "no endpoint is in use for now: https://0.test: three",
      details: { retryAfterMs: 1000, endpoints: [{ endpoint: "https://0.test", reason: "three", restMs: 1000 }] },
    });
    await clock.advance(999);
    expect(circuit.admits).toBe(false);
    await clock.advance(1);
    expect(circuit.admits).toBe(true);
    circuit.begin();
    expect(circuit.admits).toBe(false);
    circuit.answered();
    expect(circuit).toMatchObject({ open: false, admits: true });
    expect(events).toEqual([
      { type: "circuit-opened", detail: { endpoint: "https://0.test", reason: "three", restMs: 1000 } },
      { type: "circuit-closed", detail: { endpoint: "https://0.test", reason: "it answers" } },
    ]);
  });

  it("rests again after a trial that failed, and lets another through after one that was aborted", async () => {
    const { fleet, clock, events } = fleetOf(1);
    const [{ circuit }] = fleet.endpoints as [Endpoint];
    circuit.trip("because");
    await clock.advance(1000);
    circuit.begin();
    circuit.failed("still");
    expect(circuit).toMatchObject({ admits: false, restMs: 1000 });
    await clock.advance(1000);
    circuit.begin();
    circuit.left();
    expect(circuit.admits).toBe(true);
    expect(events).toHaveLength(1);
  });

  it("a passed probe closes it until the next failure", () => {
    const { fleet } = fleetOf(1);
    const [{ circuit }] = fleet.endpoints as [Endpoint];
    circuit.trip("because");
    circuit.passed();
    expect(circuit.open).toBe(false);
    circuit.failed("again");
    expect(circuit.open).toBe(true);
  });
});
