import { connect, type Socket } from "node:net";
import { at } from "./scenario.ts";
import type { Stage } from "./story.ts";

/** A connection of its own; what happens to it is no error. */
export function open(stage: Stage): Socket {
  return connect(Number(new URL(stage.served.origin).port), "127.0.0.1").on("error", () => {});
}

/** The text of a POST request below the mount. */
export function post(path: string, value: unknown): string {
  const body = JSON.stringify(value);
  return `POST ${at(path)} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Writes text and reads until `enough` or the end of the connection. */
export function raw(stage: Stage, text: string, enough: (seen: string) => boolean): Promise<{ readonly text: string }> {
  return new Promise((resolve) => {
    const socket = open(stage);
    let seen = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      seen += part;
      if (enough(seen)) socket.destroy();
    });
    socket.on("close", () => resolve({ text: seen }));
    socket.write(text);
  });
}
