import type { Agent } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSite, type Site } from "./models.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { tell } from "./scenarios/story.ts";
import { scenarios, stories } from "./scenarios.ts";
import { type Got, json, oneSocket, send } from "./send.ts";
import { adapters, type Served } from "./servers.ts";

const replies = new Map<string, Map<string, unknown>>();

describe.each(Object.entries(adapters))("%s", (adapter, serve) => {
  const seen = new Map<string, unknown>();
  replies.set(adapter, seen);
  let site: Site;
  let served: Served;
  let agent: Agent;

  beforeAll(async () => {
    site = await createSite();
    served = await serve(site.options);
    agent = oneSocket();
  });
  afterAll(async () => {
    agent.destroy();
    await served.close();
    await site.close();
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
    const got = await send(served.origin, scenario.ask, agent);
    expectReply(got, scenario);
    seen.set(scenario.name, comparable(got, served.origin, scenario));
    if (scenario !== scenarios[0]) expect(got.reused, "the socket is kept alive").toBe(true);
  });

  const told = stories.filter(({ without = [] }) => !without.includes(adapter));
  it.each(told.map((story) => [story.name, story] as const))("%s", (_name, story) => tell(story, serve, createSite));
});

describe("all adapters alike", () => {
  it.each(Object.keys(adapters).slice(1))("%s", (adapter) => {
    const first = replies.values().next().value as Map<string, unknown>;
    expect(first.size).toBe(scenarios.length);
    expect(Object.fromEntries(replies.get(adapter) as Map<string, unknown>)).toEqual(Object.fromEntries(first));
  });
});

function expectReply(got: Got, { status, body, headers = {} }: Scenario): void {
  expect(got.status, got.body.toString()).toBe(status);
  for (const [name, value] of Object.entries(headers)) expect(got.headers[name], name).toEqual(value);
  expect(got.headers["x-request-id"]).toMatch(/^[\x21-\x7e]{1,128}$/);
  if (body instanceof Uint8Array) expect(new Uint8Array(got.body)).toEqual(new Uint8Array(body));
  else if (got.headers["content-type"]?.startsWith("application/json") === true && body !== "") {
    if (body !== undefined) expect(json(got)).toEqual(body);
  } else if (body !== undefined) expect(got.body.toString()).toEqual(body);
}

/** A reply without what time, chance and the port put into it. */
function comparable(got: Got, origin: string, { ask }: Scenario): unknown {
  const { date: _date, connection: _connection, "keep-alive": _keepAlive, ...rest } = got.headers;
  const headers: Record<string, string> = { ...rest };
  if (headers["x-request-id"] !== ask.headers?.["x-request-id"]) headers["x-request-id"] = "";
  if (ask.method === "HEAD" || ask.path.includes("/docs")) headers["content-length"] = "";
  return { status: got.status, headers, body: got.body.toString("latin1").replaceAll(origin, "") };
}
