/**
 * What a child process runs in a thread of its own, four times a second: ends the process where its parent has gone (however busy the main thread
 * is), or where it holds more memory than it may. SIGUSR2 tells the parent which of the two it was. Plain JavaScript, since a thread started from
 * text needs no second file.
 */
export const watchdogCode: string = `
const { workerData } = require("node:worker_threads");
const { parent, maxRssBytes } = workerData;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  else if (maxRssBytes > 0 && process.memoryUsage.rss() > maxRssBytes) process.kill(process.pid, "SIGUSR2");
}, 250);
`;
