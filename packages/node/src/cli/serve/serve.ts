import { exit, UsageError } from "../lib/failure.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { ServeOptions } from "./command.ts";
import { readConfigFile } from "./config-file.ts";
import { type Configuration, configure } from "./configure.ts";
import { createLog } from "./log.ts";
import { isChild, serveProcesses } from "./serve-processes.ts";
import { startService } from "./service.ts";
import { settings } from "./settings.ts";
import { untilSignal } from "./until-signal.ts";

/** Serves until a signal comes, and drains. @throws UsageError; PrediktError where a model cannot be opened; Failure where it cannot listen */
export async function serve(model: string | undefined, options: ServeOptions, terminal: Terminal): Promise<number> {
  const { config } = options;
  const file = config === false ? undefined : await readConfigFile(config, process.cwd());
  const configuration = configure({ model, flags: options, env: process.env, file });
  if (options.printConfig === true) {
    terminal.print(JSON.stringify(shown(configuration), undefined, 2));
    return exit.ok;
  }
  const { values, warnings } = configuration;
  if (values.model === undefined) throw new UsageError("nothing to serve: name an .onnx file, a model repository or a module");
  // A signal may come while models load, too.
  const isAlone = (values.processes ?? 1) === 1;
  // SIGHUP replaces several processes; one alone has nobody to go on, and is not to lose what is under way.
  const stop = isChild() ? undefined : untilSignal(isAlone ? ["SIGTERM", "SIGINT", "SIGHUP"] : ["SIGTERM", "SIGINT"]);
  const log = createLog(values.log, terminal);
  if (stop !== undefined) for (const warning of warnings) log.warn(warning);
  if (stop === undefined || !isAlone) return serveProcesses(values, { terminal, log, stop });
  const service = await Promise.race([startService(values, { terminal, log }), stop]);
  if ("signal" in service) {
    log.info(`${service.signal} while loading`);
    // A module, or a runtime that is reading a model, cannot be told to stop.
    process.exit(exit.ok);
  }
  terminal.print(service.url);
  log.info(`listening on ${service.url}`, { url: service.url });
  if (service.grpcPort !== undefined) log.info(`gRPC on port ${service.grpcPort}`, { grpcPort: service.grpcPort });
  const { signal } = await stop;
  log.info(`${signal}: finishing what is under way`);
  const { drainServer } = await import("@predikt/node/cluster");
  await drainServer(service.server, { timeoutMs: values.drainTimeoutMs ?? 10_000 });
  await service.close();
  log.info("closed");
  return exit.ok;
}

function shown({ values, from }: Configuration): Record<string, { readonly value: unknown; readonly from: string }> {
  return Object.fromEntries(
    settings.map(({ key, fallback = null }) => [key, { value: values[key] ?? fallback, from: from[key] ?? "default" }]),
  );
}
