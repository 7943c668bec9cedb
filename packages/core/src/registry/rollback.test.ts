import { describe, expect, it } from "vitest";
import { ask, type FakeVersion, fakeVersion, times } from "../../test/fake-versions.ts";
import { FakeClock } from "../testing/index.ts";
import type { Tensors } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { RegistryEvent } from "./events.ts";
import type { Registry, Rollback } from "./types.ts";

/** Version 1 beside a canary 2 that fails or waits on demand; all requests fall to the canary. */
class Trial {
  readonly clock: FakeClock = new FakeClock();
  readonly events: RegistryEvent[] = [];
  readonly registry: Registry;
  readonly versions: readonly FakeVersion[];
  broken = false;
  readonly #config: object;

  constructor(rollback: Rollback) {
    const { clock } = this;
    this.registry = createRegistry({ clock, random: () => 0.99, onEvent: (event) => this.events.push(event) });
    const compute = (feeds: Tensors): Tensors => {
      if (this.broken) throw new Error("broken");
      return times(feeds, 2);
    };
    this.versions = [fakeVersion("1", { clock }), fakeVersion("2", { clock, compute })];
    const traffic = {
      split: [
        { label: "stable", weight: 1 },
        { label: "canary", weight: 3 },
      ],
    };
    this.#config = { policy: "all", labels: { stable: "1", canary: "2" }, traffic, rollback };
  }

  read(): Promise<void> {
    return this.registry.setVersions("m", this.versions, this.#config);
  }

  /** Which version answered, or the code of its failure. */
  async call(tookMs = 0): Promise<unknown> {
    const lease = this.registry.lease("m", {});
    const { backend } = this.versions[1] as FakeVersion;
    backend.hold(tookMs > 0);
    const answer = ask(lease.predictor).catch(({ code }) => code);
    await this.clock.advance(tookMs);
    backend.release();
    backend.hold(false);
    lease.release();
    return answer;
  }

  async calls(count: number, tookMs = 0): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (let i = 0; i < count; i++) answers.push(await this.call(tookMs));
    return answers;
  }

  get rollbacks() {
    return this.registry.traffic("m")?.rollbacks;
  }
}

describe("a rollback", () => {
  it("takes the traffic from a version that fails too often, says why, and leaves it open to those who ask for it", async () => {
    const trial = new Trial({ errorRate: 0.2, minimumRequests: 10, windowMs: 1000 });
    const { registry, events } = trial;
    await trial.read();
    await trial.calls(7);
    trial.broken = true;
    // The ninth is one of three failures in nine, but nine are too few to judge by.
    expect(await trial.calls(3)).toEqual(["BACKEND_RUN", "BACKEND_RUN", "BACKEND_RUN"]);
    expect(await trial.calls(2)).toEqual([1, 1]);
    const rolledBack = {
      from: "2",
      to: "1",
      gate: "error-rate",
      value: 0.3,
      limit: 0.2,
      reason: 'version "2" lost its traffic to "1": 30.0 % of its calls failed, more than 20 %',
    };
    expect(trial.rollbacks).toEqual([rolledBack]);
    expect(events.slice(-2)).toEqual([
      { type: "rolled-back", name: "m", ...rolledBack },
      {
        type: "traffic-changed",
        name: "m",
        split: [
          { label: "stable", version: "1", weight: 1 },
          { label: "canary", version: "2", weight: 0 },
        ],
      },
    ]);
    trial.broken = false;
    expect(await ask(registry.lease("m", { label: "canary" }).predictor)).toBe(2);
  });

  it("is not undone by the same versions and config, read again; it is by traffic that is set anew", async () => {
    const trial = new Trial({ errorRate: 0, minimumRequests: 1 });
    await trial.read();
    trial.broken = true;
    expect(await trial.calls(2)).toEqual(["BACKEND_RUN", 1]);
    await trial.read();
    expect(await trial.call()).toBe(1);
    trial.broken = false;
    trial.registry.configure("m", {
      traffic: {
        split: [
          { label: "stable", weight: 1 },
          { label: "canary", weight: 1 },
        ],
      },
    });
    expect(trial.rollbacks).toEqual([]);
    expect(await trial.calls(3)).toEqual([2, 2, 2]);
    await trial.registry.close();
  });

  it("is of a version: the next one under the same label has its traffic, with the same config otherwise", async () => {
    const trial = new Trial({ errorRate: 0, minimumRequests: 1 });
    await trial.read();
    trial.broken = true;
    expect(await trial.calls(2)).toEqual(["BACKEND_RUN", 1]);
    const { registry, versions, clock } = trial;
    await registry.setVersions("m", [...versions, fakeVersion("3", { clock })], { labels: { stable: "1", canary: "3" } });
    expect(await trial.calls(2)).toEqual([3, 3]);
    expect(trial.rollbacks).toHaveLength(1);
    await registry.close();
  });

  it("comes from a 95th percentile that is too high: 1 in 20 may be slower", async () => {
    const trial = new Trial({ p95Ms: 100, minimumRequests: 20 });
    await trial.read();
    await trial.calls(1, 500);
    await trial.calls(19, 100);
    expect(trial.rollbacks).toEqual([]);
    await trial.calls(1, 300);
    expect(trial.rollbacks).toMatchObject([{ gate: "p95", value: 300, limit: 100 }]);
    expect(trial.rollbacks?.[0]?.reason).toBe(
      'version "2" lost its traffic to "1": 95 % of its calls took up to 300.0 ms, more than 100 ms',
    );
    await trial.registry.close();
  });

  it("forgets what was longer ago than its window", async () => {
    const trial = new Trial({ errorRate: 0.3, minimumRequests: 4, windowMs: 1000 });
    await trial.read();
    trial.broken = true;
    await trial.calls(3);
    await trial.clock.advance(1001);
    trial.broken = false;
    await trial.calls(3);
    trial.broken = true;
    await trial.call();
    expect(trial.rollbacks).toEqual([]);
    await trial.call();
    expect(trial.rollbacks).toHaveLength(1);
    await trial.registry.close();
  });

  it("never takes traffic from the champion, nor where there is nobody else to give it to", async () => {
    const trial = new Trial({ errorRate: 0, minimumRequests: 1 });
    await trial.read();
    trial.registry.configure("m", {
      traffic: {
        split: [
          { label: "canary", weight: 1 },
          { label: "stable", weight: 0 },
        ],
      },
    });
    trial.broken = true;
    await trial.calls(5);
    expect(trial.rollbacks).toEqual([]);
    trial.registry.configure("m", {
      labels: { stable: "2", canary: "2" },
      traffic: {
        split: [
          { label: "stable", weight: 1 },
          { label: "canary", weight: 1 },
        ],
      },
    });
    await trial.calls(5);
    expect(trial.rollbacks).toEqual([]);
    await trial.registry.close();
  });
});
