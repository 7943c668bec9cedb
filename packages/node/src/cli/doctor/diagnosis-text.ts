import { factsText } from "../lib/table.ts";
import type { Terminal } from "../lib/terminal.ts";
import { bytesText } from "../lib/units.ts";
import type { Diagnosis } from "./machine.ts";

/** A diagnosis for people. */
export function diagnosisText(diagnosis: Diagnosis, terminal: Pick<Terminal, "colors">): string {
  const { predikt, node, system, cpu, memory, devices, packages } = diagnosis;
  const { bold, green, red, dim, yellow } = terminal.colors;
  const quota = cpu.quota === null ? "" : `, ${cpu.quota} by the container's quota`;
  const limit = memory.limitBytes === null ? "" : `, ${bytesText(memory.limitBytes)} by the container's limit`;
  const facts = factsText(
    [
      ["predikt", predikt],
      ["node", node],
      ["system", system],
      ["cpu", `${cpu.model}: ${cpu.cores} cores${quota}; all models of a process take ${cpu.budget} threads`],
      ["memory", `${bytesText(memory.freeBytes)} free of ${bytesText(memory.totalBytes)}${limit}`],
    ],
    terminal,
  );
  const wide = Math.max(...devices.map(({ device }) => device.length));
  const opened = devices.map(({ device, opens, runtime, reason }) =>
    opens ? `${green("✓")} ${device.padEnd(wide)}  ${dim(runtime ?? "")}` : `${red("✗")} ${device.padEnd(wide)}  ${reason}`,
  );
  const longest = Math.max(...packages.map(({ name }) => name.length));
  const found = packages.map(({ name, version, wanted, use, install }) =>
    version === null
      ? `${yellow("–")} ${name.padEnd(longest)}  ${use}: ${install}`
      : `${green("✓")} ${name.padEnd(longest)}  ${version} ${dim(`(${wanted}) ${use}`)}`,
  );
  return [facts, "", bold("Devices"), ...opened, "", bold("Optional packages"), ...found].join("\n");
}
