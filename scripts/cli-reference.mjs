import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { root, run } from "./lib/run.mjs";

const target = "docs/reference/cli.md";
const bin = `${root}packages/node/dist/cli.js`;
if (!existsSync(bin)) {
  console.error("packages/node is not built: npm run build");
  process.exit(1);
}
// As wide as the help is where nobody's terminal says otherwise, and without anybody's own settings.
const env = { PATH: process.env.PATH, NO_COLOR: "1" };
const overview = await help();
const commands = [...overview.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
const text = `<!-- Generated from the commands' own help by npm run docs:cli. Do not edit. -->

# The command line

${block(overview)}
${(await Promise.all(commands.map(async (name) => `\n## predikt ${name}\n\n${block(await help(name))}`))).join("\n")}
`;

if (process.argv.includes("--check")) {
  if (existsSync(root + target) && readFileSync(root + target, "utf8") === text) process.exit(0);
  console.error(`${target} is not what the commands say: run npm run docs:cli`);
  process.exit(1);
}
writeFileSync(root + target, text);
console.log(`wrote ${target}: ${commands.length} commands`);

async function help(...command) {
  const { code, output } = await run([process.execPath, bin, ...command, "--help"], { env });
  if (code !== 0) throw new Error(output);
  return output.trim();
}

function block(output) {
  return `\`\`\`text\n${output}\n\`\`\``;
}
