import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root, with a trailing slash. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A duration in minutes, as people read it: `0.4 min`. */
export const minutes = (ms) => `${(ms / 60_000).toFixed(1)} min`;

/**
 * Runs one step of a longer job and says how it goes: its title, a sign of life every 20 seconds, and the minutes it took.
 *
 * @param {string} title What the step does, for people.
 * @param {readonly string[]} command The program and its arguments.
 * @param {{ live?: boolean, env?: NodeJS.ProcessEnv }} [options] `live` shows all output as it comes; otherwise it is shown only if the step fails.
 * @returns {Promise<number>} The exit code.
 */
export async function step(title, command, { live = false, env } = {}) {
  const started = Date.now();
  console.log(`▸ ${title} …`);
  const beat = live ? undefined : setInterval(() => console.log(`  ${title}: still at it after ${minutes(Date.now() - started)}`), 20_000);
  const { code, output } = await run(command, { live, env });
  clearInterval(beat);
  if (code !== 0) process.stdout.write(output);
  console.log(`${code === 0 ? "✓" : "✗"} ${title} (${minutes(Date.now() - started)})`);
  return code;
}

/**
 * Runs a program in the repository's root.
 *
 * @param {readonly string[]} command The program and its arguments.
 * @param {{ live?: boolean, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<{ code: number, output: string }>} Its exit code, 1 where a signal ended it, and what it printed unless `live`.
 */
export function run([program, ...args], { live = false, env = process.env, cwd = root } = {}) {
  return new Promise((resolve) => {
    const shell = process.platform === "win32" && program === "npx";
    const child = spawn(program, args, { cwd, env, shell, stdio: ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
