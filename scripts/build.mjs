import { existsSync } from "node:fs";
import { root } from "./lib/run.mjs";
import { build, buildPage, install } from "./lib/setup.mjs";

process.exitCode = (existsSync(`${root}node_modules`) ? 0 : await install()) || (await build()) || (await buildPage());
