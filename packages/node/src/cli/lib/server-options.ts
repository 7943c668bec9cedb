import { UsageError } from "./failure.ts";

/** Options that only a server can heed. */
export interface ServerOptions {
  readonly model?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly label?: string | undefined;
  readonly protocol?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly binary?: boolean | undefined;
}

/** Refuses what would silently do nothing to a file. @throws UsageError */
export function refuseServerOptions(target: string, { model, modelVersion, label, protocol, header, binary }: ServerOptions): void {
  const given = Object.entries({
    "--model": model,
    "--model-version": modelVersion,
    "--label": label,
    "--protocol": protocol,
    "--header": header,
    "--binary": binary,
  }).find(([, value]) => value !== undefined);
  if (given !== undefined) throw new UsageError(`${given[0]} is for a server; ${target} is a file`);
}
