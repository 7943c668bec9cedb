// Read by whatever Node is installed, however old: nothing newer than modules in here.

/** Ends the process with a plain message where Node is older than the project supports. */
export function requireNode() {
  const parts = process.versions.node.split(".").map(Number);
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return;
  console.error(`Predikt needs Node 20.19 or later; this is Node ${process.versions.node} (${process.execPath}).`);
  console.error("Install a newer one from https://nodejs.org, then run this command again.");
  process.exit(1);
}
