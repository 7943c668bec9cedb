import { Agent } from "node:http";
import { post } from "./load.mjs";

/** What the generator sends. */
export const good = JSON.stringify({ x: 1 });

/** Requests per second that a server answers when four clients ask one after another, measured over some seconds. */
export async function capacityOf({ url }, seconds) {
  const agent = new Agent({ keepAlive: true });
  const client = async (until) => {
    let answered = 0;
    while (performance.now() < until) {
      const { status, code } = await post(agent, url, good);
      if (status !== 200) throw new Error(`the server answers ${status} ${code}`);
      answered++;
    }
    return answered;
  };
  const clients = (ms) => Promise.all(Array.from({ length: 4 }, () => client(performance.now() + ms)));
  await clients(500);
  const startedAt = performance.now();
  const answered = await clients(1000 * seconds);
  agent.destroy();
  return (1000 * answered.reduce((sum, count) => sum + count, 0)) / (performance.now() - startedAt);
}
