import type { Agent } from "node:http";
import type { AnyPredictor } from "@predikt/core/serving";
import type { ListenerOptions } from "@predikt/node/http";
import type { Site } from "../models.ts";
import { type Ask, type Got, oneSocket, send } from "../send.ts";
import type { Serve, Served } from "../servers.ts";
import { until } from "../until.ts";
import { at } from "./scenario.ts";

/** A scenario that takes more than one request, on a server of its own. */
export interface Story {
  readonly name: string;
  readonly options?: Partial<ListenerOptions>;
  /** Adapters that it says nothing about. */
  readonly without?: readonly string[];
  readonly tell: (stage: Stage) => Promise<void>;
}

/** What a story acts upon. */
export class Stage {
  readonly site: Site;
  readonly served: Served;
  readonly #agents: Agent[] = [];
  #warm: number;

  constructor(site: Site, served: Served) {
    this.site = site;
    this.served = served;
    this.#warm = site.slow.runs.length;
  }

  /** Runs of the model `slow` since its warm-up. */
  get slowRuns(): Site["slow"]["runs"] {
    return this.site.slow.runs.slice(this.#warm);
  }

  /** The predictor of that name. */
  model(name: string): AnyPredictor {
    return this.site.models.find((model) => model.info.name === name) as AnyPredictor;
  }

  /** A socket of its own, kept alive. */
  agent(): Agent {
    const agent = oneSocket();
    this.#agents.push(agent);
    return agent;
  }

  send(ask: Ask, agent: Agent = this.agent()): Promise<Got> {
    return send(this.served.origin, ask, agent);
  }

  /** Asks the model `slow`. */
  slow(x: number, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
    return this.send({ path: at("/predict/slow"), body: { x }, headers });
  }

  /** Holds the model `slow` and lets one request run there; resolves with its reply to come once it runs. */
  async occupy(x = 1): Promise<{ readonly reply: Promise<Got> }> {
    this.site.slow.hold(true);
    const before = this.slowRuns.length;
    const reply = this.slow(x);
    await until(() => this.slowRuns.length > before, "the run");
    return { reply };
  }

  /** Until the server, asked to close, says so. */
  async draining(): Promise<void> {
    const agent = this.agent();
    for (let turn = 0; (await this.send({ path: at("/health/ready") }, agent)).status !== 503; turn++)
      if (turn > 1000) throw new Error("the server never drained");
  }

  queued(count: number): Promise<void> {
    return until(() => this.model("slow").stats().queued === count, `a queue of ${count}`);
  }

  /** Lets held runs go, and holds none any more. */
  release(): void {
    this.site.slow.hold(false);
    this.site.slow.release();
  }

  leave(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}

/** Serves a site, tells the story on it, and clears up. */
export async function tell(story: Story, serve: Serve, makeSite: (options?: Partial<ListenerOptions>) => Promise<Site>): Promise<void> {
  const site = await makeSite(story.options);
  const served = await serve(site.options);
  const stage = new Stage(site, served);
  try {
    await story.tell(stage);
  } finally {
    stage.release();
    stage.leave();
    await served.close();
    await site.close();
  }
}
