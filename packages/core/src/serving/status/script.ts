/**
 * The status page's script: asks for the numbers every two seconds while the page is seen, and changes what has changed, so that a selection or a
 * screen reader keeps its place. It writes text only, never markup.
 */
export const script: string = `
"use strict";
const url = document.documentElement.dataset.numbers, notice = document.getElementById("notice"), main = document.querySelector("main");
const about = document.getElementById("about"), models = new Map();
const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const make = (tag, className, parent) => { const node = document.createElement(tag); if (className) node.className = className; if (parent) parent.append(node); return node; };
const draw = (tag, className, parent) => { const node = document.createElementNS("http://www.w3.org/2000/svg", tag); if (className) node.setAttribute("class", className); parent.append(node); return node; };
const none = "–";
const ms = (value) => value == null ? none : value < 10 ? value.toFixed(1) + " ms" : value < 10000 ? Math.round(value) + " ms" : (value / 1000).toFixed(1) + " s";
const share = (value) => value == null ? none : value === 0 ? "0 %" : value < 0.001 ? "< 0.1 %" : (100 * value).toFixed(value < 0.1 ? 1 : 0) + " %";
const count = (value) => value == null ? none : value.toLocaleString("en");
const rate = (value) => value === 0 ? "0" : value < 10 ? value.toFixed(1) : count(Math.round(value));
const bytes = (value) => value < 1e6 ? (value / 1e3).toFixed(1) + " kB" : value < 1e9 ? (value / 1e6).toFixed(1) + " MB" : (value / 1e9).toFixed(2) + " GB";
const since = (value) => { const s = Math.floor(value / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60); return h > 47 ? Math.floor(h / 24) + " days" : h > 0 ? h + " h " + m % 60 + " min" : m > 0 ? m + " min " + s % 60 + " s" : s + " s"; };
const facts = [
  ["Requests / s", (v) => rate(v.recent.requestsPerSecond)],
  ["p50", (v) => ms(v.recent.p50Ms)], ["p95", (v) => ms(v.recent.p95Ms)], ["p99", (v) => ms(v.recent.p99Ms)],
  ["Errors", (v) => share(v.recent.errorRatio), (v) => v.recent.errorRatio > 0.01],
  ["Rows / run", (v) => v.recent.rowsPerRun == null ? none : v.recent.rowsPerRun.toFixed(1)],
  ["Waiting", (v) => count(v.totals.queued)],
  ["Running", (v) => count(v.totals.running)],
];

function modelOf(name) {
  let model = models.get(name);
  if (!model) {
    const root = make("section", "", main);
    put(make("h2", "", root), name);
    const traffic = make("div", "", root);
    model = { root, traffic, told: "", cards: make("div", "cards", root), versions: new Map() };
    models.set(name, model);
  }
  return model;
}

function cardOf(model, version) {
  let card = model.versions.get(version);
  if (!card) {
    const root = make("article", "", model.cards), top = make("div", "top", root);
    card = { root, title: make("h3", "", top), tags: make("span", "top", top), state: make("span", "state", top), where: make("p", "where", root), reason: make("p", "reason", root), open: make("div", "", root) };
    const svg = draw("svg", "", card.open);
    svg.setAttribute("viewBox", "0 0 58 32"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("role", "img");
    draw("path", "base", svg).setAttribute("d", "M0 32H58");
    card.svg = svg; card.area = draw("path", "area", svg); card.rate = draw("path", "rate", svg); card.bad = draw("path", "bad", svg);
    const scale = make("div", "scale", card.open);
    put(make("span", "", scale), "a minute ago"); card.most = make("span", "", scale); put(make("span", "", scale), "now");
    const list = make("dl", "", card.open);
    card.facts = facts.map(([label]) => { const pair = make("div", "", list); put(make("dt", "", pair), label); return make("dd", "", pair); });
    card.totals = make("p", "totals", card.open);
    model.versions.set(version, card);
  }
  return card;
}

function line(values, most) {
  return values.map((value, i) => (i ? "L" : "M") + i + " " + (32 - 30 * value / most).toFixed(2)).join("");
}

function showVersion(v) {
  const card = cardOf(modelOf(v.name), v.version), tags = v.labels.concat(v.default ? ["default"] : []);
  put(card.title, "Version " + v.version);
  if (card.tags.dataset.all !== tags.join()) { card.tags.dataset.all = tags.join(); card.tags.replaceChildren(); for (const tag of tags) put(make("span", "tag", card.tags), tag); }
  put(card.state, v.state);
  card.state.className = "state " + v.state;
  put(card.reason, v.reason);
  card.open.hidden = !v.open;
  if (!v.open) { put(card.where, "not open"); return; }
  const { recent, totals, batching } = v.open;
  put(card.where, [v.open.device, v.open.execution, v.open.backend, batching.enabled ? "batches up to " + batching.maxBatchSize : "no batching", !v.open.modelBytes ? "" : bytes(v.open.modelBytes), v.open.loadMs == null ? "" : "loaded in " + ms(v.open.loadMs)].filter(Boolean).join(" · "));
  const most = Math.max(1, ...recent.requests), rates = line(recent.requests, most);
  card.rate.setAttribute("d", rates);
  card.area.setAttribute("d", rates + "L58 32L0 32Z");
  card.bad.setAttribute("d", recent.errors.some(Boolean) ? line(recent.errors, most) : "");
  card.svg.setAttribute("aria-label", "Requests per second over the last minute, at most " + most);
  put(card.most, "at most " + count(Math.max(...recent.requests)) + " / s");
  facts.forEach(([, text, alarm], i) => { put(card.facts[i], text(v.open)); card.facts[i].className = alarm && alarm(v.open) ? "alarm" : ""; });
  put(card.totals, "Since it was opened: " + ["requests", "failed", "rejected", "expired", "aborted", "runs"].map((name) => (name === "failed" ? "failed or invalid" : name) + " " + count(totals[name])).join(" · ") + (recent.maxRows > 1 ? " · largest batch of the minute " + recent.maxRows + " rows" : ""));
}

function showTraffic(name, report) {
  const model = modelOf(name), told = report ? JSON.stringify(report) : "";
  if (model.told === told) return;
  model.told = told;
  model.traffic.replaceChildren();
  if (!report) return;
  const versions = report.versions.filter((v) => v.weight > 0 || v.requests > 0), weights = versions.length ? versions : report.versions;
  const bar = make("div", "split", model.traffic), legend = make("ul", "legend", model.traffic);
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", "Traffic: " + weights.map((v) => "version " + v.version + " " + share(v.weight)).join(", "));
  weights.forEach((v, i) => {
    make("i", "k" + i % 4, bar).style.width = 100 * v.weight + "%";
    const item = make("li", "", legend);
    make("i", "k" + i % 4, item);
    item.append("version " + v.version + ": " + share(v.weight) + " of traffic · requests " + count(v.requests) + " · errors " + count(v.errors) + " · p95 " + ms(v.p95Ms));
  });
  const { shadow } = report;
  if (shadow) put(make("li", "", legend), "shadow " + (shadow.version == null ? "not ready" : "version " + shadow.version) + ": " + count(shadow.compared) + " compared, " + share(shadow.agreement) + " agree, " + (shadow.latencyRatio == null ? "" : shadow.latencyRatio.toFixed(2) + " × the time, ") + count(shadow.dropped) + " dropped, " + count(shadow.failed) + " failed");
  for (const { reason } of report.rollbacks) put(make("li", "", legend), "rolled back: " + reason);
}

function show(numbers) {
  const open = numbers.versions.filter((v) => v.open).length;
  put(about, (numbers.draining ? "draining · " : "") + open + " of " + numbers.versions.length + (numbers.versions.length === 1 ? " version" : " versions") + " open · up " + since(numbers.upMs) + " · " + new Date(numbers.at).toLocaleTimeString());
  for (const v of numbers.versions) showVersion(v);
  for (const [name, model] of models) {
    const there = new Set(numbers.versions.filter((v) => v.name === name).map((v) => v.version));
    for (const [version, card] of model.versions) if (!there.has(version)) { card.root.remove(); model.versions.delete(version); }
    if (there.size === 0) { model.root.remove(); models.delete(name); continue; }
    showTraffic(name, Object.hasOwn(numbers.traffic, name) ? numbers.traffic[name] : undefined);
  }
  put(notice, numbers.versions.length === 0 ? "No model is served." : "");
}

let timer, last;
async function look() {
  clearTimeout(timer);
  try {
    const reply = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (!reply.ok) throw new Error(reply.status === 401 || reply.status === 403 ? "this page may not ask for them (" + reply.status + ")" : "the server answered with " + reply.status);
    show(await reply.json());
    last = new Date();
    document.body.className = "";
  } catch (error) {
    document.body.className = "stale";
    put(notice, "No numbers" + (last ? " since " + last.toLocaleTimeString() : "") + ": " + (error.name === "TypeError" ? "the server cannot be reached" : error.message) + ". Trying again.");
  }
  if (!document.hidden) timer = setTimeout(look, 2000);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
look();
`;
