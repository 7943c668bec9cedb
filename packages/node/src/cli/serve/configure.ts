import { UsageError } from "../lib/failure.ts";
import type { ConfigFile } from "./config-file.ts";
import { schemas } from "./schema.ts";
import { flagName, type SettingKey, settings, type Values } from "./settings.ts";

/** Settings from everywhere, and where each came from. */
export interface Configuration {
  readonly values: Values;
  /** E.g. `--port`, `PREDIKT_PORT`, `predikt.config.json`. */
  readonly from: Readonly<Partial<Record<SettingKey, string>>>;
  /** What should be said before anything starts. */
  readonly warnings: readonly string[];
}

/** Where settings come from. */
export interface Sources {
  /** The argument. */
  readonly model: string | undefined;
  /** What commander found, by its own names. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
  readonly file: ConfigFile | undefined;
}

/**
 * Puts settings together: flags before the environment before the file.
 *
 * @throws UsageError that names every setting that is wrong, and where it came from
 */
export function configure({ model, flags, env, file }: Sources): Configuration {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const from: Partial<Record<SettingKey, string>> = {};
  const problems: string[] = [];
  for (const { key, flag, env: variable } of settings) {
    const candidates: readonly (readonly [value: unknown, from: string])[] = [
      flag === undefined ? [model, "the argument"] : [flags[flagName(flag)], flag.split(" ")[0] as string],
      // A variable that is set to nothing is not set, as Docker and CI have it.
      [env[variable] === "" ? undefined : env[variable], variable],
      [file?.values.get(key), file?.path ?? ""],
    ];
    const [value, origin] = candidates.find(([candidate]) => candidate !== undefined) ?? [];
    if (origin === undefined) continue;
    const checked = schemas[key].safeParse(value);
    if (checked.success) values[key] = checked.data;
    else problems.push(`${key}: expected ${checked.error.issues[0]?.message}, got ${JSON.stringify(value)} (from ${origin})`);
    from[key] = origin;
  }
  problems.push(...strangers(file));
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return { values: values as Values, from, warnings: strangeVariables(env) };
}

/** Keys of the file that no setting has. */
function strangers(file: ConfigFile | undefined): string[] {
  const known: readonly string[] = settings.map(({ key }) => key);
  const strange = [...(file?.values.keys() ?? [])].filter((key) => !known.includes(key));
  return strange.map((key) => `${key}: there is no such setting${hint(key, known)} (from ${file?.path})`);
}

/** What several processes are told by their parent, and what limits a process's threads. */
const notSettings = ["PREDIKT_PROCESS_INDEX", "PREDIKT_PROCESS_COUNT", "PREDIKT_PROCESS_PORTS", "PREDIKT_CPU_BUDGET"];

function strangeVariables(env: NodeJS.ProcessEnv): string[] {
  const known: readonly string[] = [...settings.map((setting) => setting.env), ...notSettings];
  const strange = Object.keys(env).filter((name) => name.startsWith("PREDIKT_") && !known.includes(name));
  return strange.map((name) => `${name}: there is no such setting${hint(name, known)}; it is ignored`);
}

/** The known name that a mistyped one most likely means: the one that shares its letters. */
function hint(name: string, known: readonly string[]): string {
  const plain = (text: string): string => [...text.toLowerCase().replace(/[^a-z]/g, "")].sort().join("");
  const last = (text: string): string => text.split(".").at(-1) as string;
  const near = known.find((each) => plain(each) === plain(name) || plain(last(each)) === plain(last(name)));
  return near === undefined ? "" : `; is ${near} meant?`;
}
