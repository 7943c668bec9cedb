import { tensor } from "@predikt/core";
import { expect, it } from "vitest";
import type { Channel, ChannelEvents } from "./channel.ts";
import { Host } from "./host.ts";
import type { Command, OpenSpec } from "./protocol.ts";

/** A worker that does nothing by itself. */
function idle(overrides: Partial<Channel> = {}) {
  const sent: Command[] = [];
  const held: boolean[] = [];
  let events: ChannelEvents | undefined;
  const channel: Channel = {
    pid: undefined,
    transfers: true,
    isolated: false,
    send: (command) => void sent.push(command),
    hold: (on) => void held.push(on),
    kill: () => {},
    ...overrides,
  };
  const host = new Host(
    (given) => {
      events = given;
      return channel;
    },
    { maxOpenMs: undefined, maxRunMs: undefined },
  );
  return { host, sent, held, events: events as unknown as ChannelEvents };
}

const feeds = { x: tensor("float32", [1], [1]) };

it("a report that cannot be read fails what waits for it, and lets the process end", async () => {
  const { host, held, events } = idle();
  const run = host.run(feeds);
  events.onGarbled(new Error("no such class"));
  await expect(run).rejects.toMatchObject({ code: "BACKEND_LOST", message: expect.stringContaining("could not be read") });
  expect(held).toEqual([true, false]);
});

it("a command that cannot be sent fails its run alone, and lets the process end", async () => {
  const { host, held, events } = idle({
    send: () => {
      throw new Error("could not be cloned");
    },
  });
  await expect(host.run(feeds)).rejects.toMatchObject({ code: "BACKEND_RUN" });
  expect(held).toEqual([true, false]);
  events.onExit({ reason: "exit code 0", memory: false });
});

it("a run that is given up is left alone where its worker cannot be killed", async () => {
  let kills = 0;
  const { host, sent, events } = idle({ kill: () => void kills++ });
  const controller = new AbortController();
  host.open({ devices: ["cpu", "wasm"] } as unknown as OpenSpec).catch(() => {});
  const run = host.run(feeds, { abandoned: controller.signal });
  controller.abort();
  const closed = host.close();
  expect([kills, sent.map(({ type }) => type)]).toEqual([0, ["open", "run", "close"]]);
  events.onReport({ type: "ran", id: 0, outputs: {}, runMs: 1 });
  events.onExit({ reason: "exit code 0", memory: false });
  expect((await run).runMs).toBe(1);
  await closed;
});
