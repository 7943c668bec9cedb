import { Agent, request } from "node:http";

/** Numbers between 0 and 1 that are the same in each run (mulberry32, by Tommy Ettinger). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Sends requests at a given rate, whatever becomes of them (an open loop, with Poisson arrivals): a server that is slow does not slow down those who
 * ask it. Latency counts from when a request was due, so that what the generator itself is late by counts too.
 *
 * @param ask Sends one request: gets the agent and when it was due, and resolves to `{ status, code?, … }`.
 * @returns every answer, and the generator's own CPU time.
 */
export async function openLoop(ask, { perSecond, seconds, random = seeded(1) }) {
  const agent = new Agent({ keepAlive: true });
  const answers = [];
  const under = new Set();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let due = 0;
  while (due < 1000 * seconds) {
    const wait = startedAt + due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const dueAt = startedAt + due;
    const asked = ask(agent, answers.length + under.size).then((answer) => {
      under.delete(asked);
      answers.push({ ...answer, dueMs: dueAt - startedAt, latencyMs: performance.now() - dueAt });
    });
    under.add(asked);
    due -= (1000 * Math.log(1 - random())) / perSecond;
  }
  await Promise.all(under);
  agent.destroy();
  const { user, system } = process.cpuUsage(cpu);
  return { answers, generatorCpu: (user + system) / 1000 / (performance.now() - startedAt) };
}

/** Sends one POST. Resolves to its status and error code, to `{ status: 0, code }` where the connection failed, or to `{ aborted: true }`. */
export function post(agent, url, body, { abortAfterMs } = {}) {
  return new Promise((resolve) => {
    const sent = request(url, { agent, method: "POST", headers: { "content-type": "application/json" } }, (reply) => {
      const chunks = [];
      reply.on("data", (chunk) => chunks.push(chunk));
      reply.on("error", ({ code }) => resolve({ status: 0, code }));
      reply.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: reply.statusCode, code: reply.statusCode === 200 ? undefined : JSON.parse(text).code, text });
      });
    });
    let aborted = false;
    sent.on("error", ({ code }) => resolve(aborted ? { aborted } : { status: 0, code }));
    sent.end(body);
    if (abortAfterMs !== undefined) {
      setTimeout(() => {
        aborted = true;
        sent.destroy();
        resolve({ aborted });
      }, abortAfterMs);
    }
  });
}

/** The value below which that share of the numbers lies. */
export function quantile(numbers, share) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(share * numbers.length)] ?? Number.NaN;
}
