import { rawSession, Tensor } from "./raw-session.mjs";

const sessions = [];

/** As little as a worker can do: no ids, no queue, no checks. */
addEventListener("message", async ({ data }) => {
  if (data.source !== undefined) {
    postMessage(sessions.push(await rawSession(data.source, data.files)) - 1);
    return;
  }
  const feeds = {};
  for (const [name, { type, data: values, dims }] of Object.entries(data.feeds)) feeds[name] = new Tensor(type, values, dims);
  const outputs = await sessions[data.session].run(feeds);
  const answer = {};
  for (const [name, { type, data: values, dims }] of Object.entries(outputs)) answer[name] = { type, data: values, dims };
  postMessage(answer);
});
