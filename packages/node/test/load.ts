import { Agent, request } from "node:http";

/** Requests that go on until they are told to stop. */
export interface Load {
  /** Bodies of replies with status 200. */
  readonly answers: readonly string[];
  /** What went wrong: an error's code, a status, or `hung`. */
  readonly failures: readonly string[];
  /** Resolves once at least so many more have been answered. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

interface LoadOptions {
  readonly width?: number;
  readonly path?: string;
  readonly body?: string;
}

/** Sends requests to a port, `width` at a time, half of them over connections that are kept open. */
export function load(port: number, { width = 16, path = "/", body = "x" }: LoadOptions = {}): Load {
  const agent = new Agent({ keepAlive: true });
  const answers: string[] = [];
  const failures: string[] = [];
  const waiting = new Set<() => void>();
  let stopped = false;

  async function loop(keeps: boolean): Promise<void> {
    while (!stopped) {
      const { status, text } = await send(port, path, { agent: keeps ? agent : false, body });
      if (status === 200) answers.push(text);
      else failures.push(status === undefined ? text : String(status));
      for (const check of [...waiting]) check();
    }
  }
  const loops = Array.from({ length: width }, (_, i) => loop(i % 2 === 0));

  return {
    answers,
    failures,
    more(count) {
      const until = answers.length + count;
      return new Promise((resolve) => {
        const check = (): void => {
          if (answers.length < until) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
      });
    },
    async stop() {
      stopped = true;
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

interface SendOptions {
  readonly agent?: Agent | false;
  readonly body?: string;
}

interface Sent {
  readonly status?: number | undefined;
  readonly text: string;
}

/** Sends one request by POST, and never rejects: without a status, the text is the error's code, or `hung` after ten seconds. */
export function send(port: number, path: string, { agent = false, body = "" }: SendOptions = {}): Promise<Sent> {
  return new Promise((resolve) => {
    const fail = (error: Error & { code?: string }): void => resolve({ text: error.code ?? error.message });
    const out = request({ port, host: "127.0.0.1", path, method: "POST", agent, timeout: 10_000 }, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("data", (part: string) => {
        text += part;
      });
      reply.on("end", () => resolve({ status: reply.statusCode, text }));
      reply.on("error", fail);
    });
    out.on("timeout", () => out.destroy(Object.assign(new Error(), { code: "hung" })));
    out.on("error", fail);
    out.end(body);
  });
}
