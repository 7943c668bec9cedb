import { expect } from "vitest";
import { until } from "../until.ts";
import { open, post, raw } from "./raw.ts";
import { at } from "./scenario.ts";
import type { Story } from "./story.ts";

/** What only a connection of one's own can show. */
export const connections: readonly Story[] = [
  {
    name: "a declared size past the limit is refused before the body comes",
    async tell(stage) {
      const { text } = await raw(
        stage,
        `POST ${at("/predict")} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n`,
        (seen) => seen.endsWith("}"),
      );
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      expect(text).toContain('"code":"INPUT_TOO_LARGE"');
    },
  },
  {
    name: "a body without end is cut off",
    // There the handler can only cancel the stream; what that does to the connection is the runtime's affair.
    without: ["fetch"],
    async tell(stage) {
      const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
      const socket = open(stage);
      let seen = "";
      socket.setEncoding("utf8").on("data", (part) => {
        seen += part;
      });
      const closed = new Promise((resolve) => socket.on("close", resolve));
      socket.write(`POST ${at("/predict")} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`);
      socket.write(chunk.repeat(5));
      // Read before the cut: the system drops what comes with it.
      await until(() => seen.endsWith("}\r\n") || seen.endsWith("}"), "the reply");
      expect(seen).toMatch(/^HTTP\/1\.1 413 /);
      const flood = (): unknown => socket.destroyed || socket.write(chunk, () => setImmediate(flood));
      flood();
      await closed;
      expect(socket.bytesWritten).toBeLessThan(64 * 2 ** 20);
    },
  },
  {
    name: "two requests in one packet are answered in order",
    async tell(stage) {
      const both = post("/predict", { x: 1 }) + post("/predict", { x: 2 });
      const { text } = await raw(stage, both, (seen) => seen.includes('{"y":4}'));
      expect(text.indexOf('{"y":2}')).toBeGreaterThan(0);
      expect(text.indexOf('{"y":2}')).toBeLessThan(text.indexOf('{"y":4}'));
    },
  },
  {
    name: "a request that names the whole URL, as proxies send it",
    async tell(stage) {
      const { text } = await raw(stage, `GET http://a.test${at("/health/live?x=1")} HTTP/1.1\r\nhost: a.test\r\n\r\n`, (seen) =>
        seen.endsWith("}"),
      );
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
    },
  },
];
