import { isPrediktError } from "@predikt/core";
import type { Logger, ReplyEvent } from "@predikt/core/serving";
import { lineOf } from "../lib/failure.ts";
import type { Terminal } from "../lib/terminal.ts";
import { msText } from "../lib/units.ts";

/** What a server says meanwhile, on stderr. */
export interface Log {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  /** A failure of the server's own. */
  error(error: unknown, requestId: string): void;
  /** One request; undefined where `logger` takes them. */
  readonly reply: ((event: ReplyEvent) => void) | undefined;
  /** One call of gRPC. */
  call(event: ReplyEvent): void;
  /** Takes the lines of requests, where they are JSON. */
  readonly logger: Logger | undefined;
}

/** Lines for people on a terminal, JSON elsewhere, in the form that pino writes. Inputs never stand in them. */
export function createLog(form: "auto" | "pretty" | "json" | "off" = "auto", terminal: Terminal): Log {
  if (form === "off")
    return { info() {}, warn: (message) => terminal.say(`! ${message}`), error() {}, call() {}, reply: undefined, logger: undefined };
  return form === "pretty" || (form === "auto" && terminal.isInteractive) ? prettyLog(terminal) : jsonLog(terminal);
}

const levels = { info: 30, warn: 40, error: 50 } as const;

function jsonLog({ say }: Terminal): Log {
  const line = (level: keyof typeof levels, fields: object): void =>
    say(JSON.stringify({ level: levels[level], time: Date.now(), pid: process.pid, ...fields }));
  return {
    info: (msg, fields) => line("info", { ...fields, msg }),
    warn: (msg, fields) => line("warn", { ...fields, msg }),
    error: (error, requestId) =>
      line("error", { requestId, code: isPrediktError(error) ? error.code : undefined, err: stackOf(error), msg: lineOf(error) }),
    reply: undefined,
    call({ requestId, route, model, status, code, durationMs }) {
      const fields = { requestId, method: "gRPC", route, model, status, code, durationMs: Math.round(durationMs * 1000) / 1000 };
      line(levelOf(status), { ...fields, msg: `gRPC ${route} ${status}` });
    },
    logger: {
      debug() {},
      info: (fields, msg) => line("info", { ...fields, msg }),
      warn: (fields, msg) => line("warn", { ...fields, msg }),
      error: (fields, msg) => line("error", { ...fields, msg }),
    },
  };
}

function prettyLog({ say, sayColors }: Terminal): Log {
  const { dim, yellow, red, green } = sayColors;
  const line = (mark: string, text: string): void => say(`${dim(new Date().toTimeString().slice(0, 8))} ${mark} ${text}`);
  const reply = ({ method, route, model, status, code, durationMs, requestId }: ReplyEvent): void => {
    const paint = { info: green, warn: yellow, error: red }[levelOf(status)];
    const parts = [paint(String(status)), method.padEnd(4), route ?? "–", model, code, `${msText(durationMs)} ms`, dim(requestId)];
    line(" ", parts.filter((part) => part !== undefined && part !== "").join(" "));
  };
  return {
    info: (message) => line(dim("·"), message),
    warn: (message) => line(yellow("!"), message),
    error: (error, requestId) => line(red("✗"), `${lineOf(error)} ${dim(requestId)}`),
    logger: undefined,
    reply,
    call: (event) => reply({ ...event, method: "gRPC" }),
  };
}

function levelOf(status: number): keyof typeof levels {
  return status >= 500 ? "error" : status >= 400 ? "warn" : "info";
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
