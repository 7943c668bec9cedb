import { describe, expect, it } from "vitest";
import { BackendError } from "../errors/index.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import type { BackendEvent } from "../types/index.ts";
import { Circuit } from "./circuit.ts";

const loss = new BackendError("BACKEND_LOST", "the worker ended");

function made() {
  const clock = new FakeClock();
  const events: BackendEvent[] = [];
  const circuit = new Circuit(clock, (event) => events.push(event));
  const lose = (times: number): void => {
    for (let i = 0; i < times; i++) circuit.lost(loss);
  };
  return { clock, events, circuit, lose };
}

describe("a circuit", () => {
  it("lets two losses pass", () => {
    const { circuit, events, lose } = made();
    lose(2);
    expect(() => circuit.check()).not.toThrow();
    expect(events).toEqual([]);
  });

  it("opens with the third, says when the next attempt is made and why, and tells it once", async () => {
    const { clock, circuit, events, lose } = made();
    lose(3);
    await clock.advance(1500);
    expect(() => circuit.check()).toThrow(
      expect.objectContaining({
        code: "BACKEND_LOST",
        message: "the model's worker was lost 3 times, the last time since the worker ended; the next attempt is made in 29 s",
        details: { retryAfterMs: 28_500, losses: 3 },
        cause: loss,
      }),
    );
    expect(events).toEqual([{ type: "circuit-opened", detail: { losses: 3, restMs: 30_000, reason: "the worker ended" } }]);
  });

  it("lets one attempt through after its rest; one more loss opens it again", async () => {
    const { clock, circuit, events, lose } = made();
    lose(3);
    await clock.advance(30_000);
    expect(() => circuit.check()).not.toThrow();
    lose(1);
    expect(() => circuit.check()).toThrow(/30 s/);
    expect(events).toHaveLength(2);
  });

  it("forgets a loss after five minutes", async () => {
    const { clock, circuit, lose } = made();
    lose(2);
    await clock.advance(300_000);
    lose(2);
    expect(() => circuit.check()).not.toThrow();
  });

  it("starts anew where it is told to forget", () => {
    const { circuit, lose } = made();
    lose(3);
    circuit.forget();
    expect(() => circuit.check()).not.toThrow();
    lose(2);
    expect(() => circuit.check()).not.toThrow();
  });
});
