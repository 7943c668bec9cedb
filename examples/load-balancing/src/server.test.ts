import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { hasCurl, pasteReadme } from "../../test-support/curl.ts";
import { hasNginx, type Nginx, needsNginx, startNginx } from "../../test-support/nginx.ts";
import { endAll, type Program, startScript } from "../../test-support/program.ts";

let nginx: Nginx | undefined;

afterEach(async () => {
  await nginx?.stop();
  nginx = undefined;
  endAll();
});

/** One of the two processes, ready. */
async function start(port: number): Promise<{ readonly program: Program; readonly port: number }> {
  const program = startScript("load-balancing", "start", { env: { PORT: String(port) } });
  const [, found] = await program.said(/http:\/\/127\.0\.0\.1:(\d+)/);
  return { program, port: Number(found) };
}

/** How many predictions of the line one process has been asked for. */
async function requests(port: number): Promise<number> {
  const model = (await (await fetch(`http://127.0.0.1:${port}/api/models/linear`)).json()) as { stats: { requests: number } };
  return model.stats.requests;
}

describe.skipIf(!hasNginx)(`two processes behind nginx ${needsNginx}`, () => {
  it("answer what the README asks, share the work, and lose none of 2,000 requests while both are restarted", async () => {
    const [first, second] = await Promise.all([start(0), start(0)]);
    nginx = await startNginx(fileURLToPath(new URL("../nginx.conf", import.meta.url)), { 3001: first.port, 3002: second.port });
    const { origin } = nginx;

    if (hasCurl) {
      const [line, digit, health] = await pasteReadme("load-balancing", origin);
      expect(line).toEqual({ y: expect.closeTo(6, 2) });
      expect(digit).toMatchObject({ digit: 7 });
      expect(health).toMatchObject({ status: "ready" });
    }

    const load = send(origin, 2000);
    await load.answered(200);
    const before = [await requests(first.port), await requests(second.port)];
    expect(Math.min(...before)).toBeGreaterThan(20);

    for (const { program, port } of [first, second]) {
      program.child.kill("SIGTERM");
      expect(await program.ended).toBe(0);
      expect(program.stderr()).toBe("");
      await start(port);
      // Until nginx asks it again, the other one is needed.
      await expect.poll(() => requests(port), { timeout: 20_000 }).toBeGreaterThan(0);
    }
    const { answers, failures } = await load.done;
    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThanOrEqual(2000);
  });
});

/**
 * Sends requests, sixteen at a time, half of them over connections that are kept, until there are `count` and both restarts are over; that is when
 * nobody has asked for `done` yet.
 */
function send(origin: string, count: number) {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  let answers = 0;
  let wanted = Number.POSITIVE_INFINITY;
  const loop = async (keeps: boolean): Promise<void> => {
    while (answers + failures.length < wanted) {
      const outcome = await predict(origin, keeps ? agent : false);
      if (outcome === "6") answers++;
      else failures.push(outcome);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const loops = Promise.all(Array.from({ length: 16 }, (_, i) => loop(i % 2 === 0)));
  return {
    answered: (least: number) => expect.poll(() => answers, { timeout: 20_000 }).toBeGreaterThanOrEqual(least),
    get done() {
      wanted = count;
      return loops.then(() => {
        agent.destroy();
        return { answers, failures };
      });
    },
  };
}

/** What the line makes of 3, rounded, or what went wrong. */
function predict(origin: string, agent: Agent | false): Promise<string> {
  return new Promise((resolve) => {
    const options = { method: "POST", agent, headers: { "content-type": "application/json" }, timeout: 20_000 };
    const out = request(`${origin}/api/predict`, options, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      reply.on("end", () =>
        resolve(reply.statusCode === 200 ? String(Math.round((JSON.parse(text) as { y: number }).y)) : `${reply.statusCode} ${text}`),
      );
      reply.on("error", (error) => resolve(error.message));
    });
    out.on("timeout", () => out.destroy(new Error("no answer in 20 seconds")));
    out.on("error", (error) => resolve(error.message));
    out.end('{"x": 3}');
  });
}
