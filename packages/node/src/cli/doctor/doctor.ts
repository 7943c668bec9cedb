import { exit } from "../lib/failure.ts";
import { createProgress } from "../lib/progress.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { DoctorOptions } from "./command.ts";
import { probeDevices } from "./devices.ts";
import { diagnosisText } from "./diagnosis-text.ts";
import { type Diagnosis, machineFacts } from "./machine.ts";
import { findPackages } from "./packages.ts";

/** Prints what this machine can run. */
export async function doctor({ json = false }: DoctorOptions, terminal: Terminal): Promise<number> {
  const progress = terminal.isInteractive ? createProgress(terminal) : undefined;
  const devices = await probeDevices((name, ratio) => progress?.update(ratio, `opening a model on ${name}`));
  progress?.end();
  const diagnosis: Diagnosis = { ...(await machineFacts()), devices, packages: await findPackages() };
  terminal.print(json ? JSON.stringify(diagnosis, undefined, 2) : diagnosisText(diagnosis, terminal));
  return devices.some(({ opens }) => opens) ? exit.ok : exit.failed;
}
