import { requireNode } from "./lib/node-version.mjs";

requireNode();
await import("./lib/start-command.mjs");
