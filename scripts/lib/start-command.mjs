import { parseArgs } from "node:util";
import { buildIfChanged, buildPageIfChanged } from "./fresh-build.mjs";
import { install } from "./setup.mjs";

const help = `npm start: from nothing to a trained model that answers HTTP requests.

It installs the dependencies, builds the packages and a page, trains a small model, exports it to ONNX, serves it together with a recogniser of
handwritten digits and the page on 127.0.0.1, sends itself a request, says how to send more, and stays up until Ctrl-C.

  npm start                       all of that
  npm start -- --port 8080        on this port; default: PORT, or 3000, or the next free one
  npm start -- --once             ends after the request to itself
  npm start -- --no-setup         without installing and building, which must have been done
  npm start -- --help             this text

Needs Node 20.19 or later, npm and, the first time, npm's registry.`;

const options = readOptions();
if (options.help) {
  console.log(help);
} else {
  process.exitCode = options.setup ? (await install()) || (await buildIfChanged()) || (await buildPageIfChanged()) : 0;
  if (process.exitCode === 0) await startApp(options);
}

/** Reads the command line before anything is done; a wrong one ends the process. */
function readOptions() {
  const flag = { type: "boolean", default: false };
  try {
    const { values } = parseArgs({ options: { port: { type: "string" }, once: flag, "no-setup": flag, help: { ...flag, short: "h" } } });
    const { once, help, "no-setup": noSetup } = values;
    const port = values.port ?? (process.env.PORT || undefined);
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
      throw new Error(`${values.port === undefined ? "PORT" : "--port"} takes a number from 0 to 65535, not "${port}"`);
    return { port: port === undefined ? undefined : Number(port), once, help, setup: !noSetup };
  } catch (error) {
    console.error(`${error.message}\nnpm start -- --help lists the options.`);
    process.exit(2);
  }
}

/** Runs examples/start in this process, which could not be loaded before its dependencies were installed. */
async function startApp({ port, once }) {
  const app = await import("../../examples/start/run.mjs").catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error("The dependencies are not installed. npm start without --no-setup installs them.");
  });
  process.exitCode = app === undefined ? 1 : await app.start({ port, once });
}
