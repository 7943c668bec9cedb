#!/usr/bin/env node
// Nothing is imported before this: an old Node could not even read what follows.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`✗ predikt needs Node 20.19 or later; this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  const { runCli } = await import("./program.ts");
  process.exitCode = await runCli(process.argv.slice(2));
}

export {};
