import { type ErrorCode, errorTable } from "../errors/index.ts";
import { errorMeanings } from "../errors/meanings.ts";
import { specText } from "../tensor/index.ts";
import type { ServedModel } from "../types/index.ts";
import type { Site } from "./documents.ts";
import { shortExample } from "./example.ts";
import { html } from "./html.ts";
import { schemasOf } from "./json-schema.ts";
import { toPlain } from "./wire/index.ts";
import { wireRoutes } from "./wire-routes.ts";

/** Longer examples are fetched by the curl line instead of standing in it. */
const inlineExample = 400;

/** Every route below the mount, and what it is for. */
const routes: readonly (readonly [method: "POST" | "GET", path: string, purpose: string])[] = [
  ["POST", "/predict", "an input for the default model, answered with its output"],
  ["POST", "/predict/{model}", "an input for that model"],
  ["POST", "/predict/{model}/batch", "a list of inputs, answered with a list of {output} or {error}"],
  ["POST", "/predict/{model}/versions/{version}", "an input for one version"],
  ["POST", "/predict/{model}/versions/{version}/batch", "a list of them"],
  ["POST", "/predict/{model}/labels/{label}", "an input for the version that has the label"],
  ["POST", "/predict/{model}/labels/{label}/batch", "a list of them"],
  ["GET", "/models", "what is served here"],
  ["GET", "/models/{model}", "signature, JSON Schemas, device, counters"],
  ["GET", "/models/{model}/example", "a valid input"],
  ["GET", "/health/live", "the process answers"],
  ["GET", "/health/ready", "200 once every model is warm, 503 while draining"],
  ["GET", "/openapi.json", "this API for programs"],
  ["GET", "/docs", "this page"],
];

const statusRoutes: typeof routes = [
  ["GET", "/status", "how the models fare, live, for people"],
  ["GET", "/status.json", "the same for programs"],
];
const metricsRoutes: typeof routes = [["GET", "/metrics", "the same for Prometheus"]];

/** A page for people: every model with its schemas and curl lines, and every route. It needs no network and no script. */
export function docsPage(site: Site, origin: string, mount: string): string {
  const root = origin + mount;
  const served = site.resolver.list();
  const heading = html(site.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${heading}: API</title>
<style>${style}</style>
</head>
<body>
<header><h1>${heading}</h1><p>${served.length} model${served.length === 1 ? "" : "s"} at <code>${html(root)}</code> · <a href="${html(mount)}/openapi.json">OpenAPI 3.1</a> · <a href="${html(mount)}/health/ready">readiness</a></p></header>
<nav aria-label="Models"><ul>${served.map((model) => `<li><a href="#${anchor(model)}">${html(model.name)} <small>${html(model.version)}</small></a></li>`).join("")}</ul></nav>
<main>
${served.map((model) => section(model, site, root)).join("\n")}
${routeTable(site, mount)}
${common(site)}
</main>
</body>
</html>
`;
}

function section(model: ServedModel, { defaultName }: Site, root: string): string {
  const { name, version, labels, predictor } = model;
  const { device, state, signature } = predictor.info;
  const stable = labels.includes("stable");
  const at = `${root}/predict/${encodeURIComponent(name)}${stable ? "" : `/versions/${encodeURIComponent(version)}`}`;
  const { input, output } = schemasOf(predictor);
  const isDefault = stable && name === defaultName;
  return `<section aria-labelledby="${anchor(model)}">
<h2 id="${anchor(model)}">${html(name)} <small>version ${html(version)}</small></h2>
<p>${html(device)} · ${html(state)}${isDefault ? " · default model" : ""}</p>
<h3>Try it</h3>
${curlLines(model, isDefault ? `${root}/predict` : at, at, root)}
<h3>Tensors</h3>
<table><thead><tr><th scope="col">side</th><th scope="col">name</th><th scope="col">shape</th></tr></thead><tbody>
${signature.inputs.map((spec) => `<tr><td>input</td><td>${html(spec.name)}</td><td><code>${html(specText(spec))}</code></td></tr>`).join("")}
${signature.outputs.map((spec) => `<tr><td>output</td><td>${html(spec.name)}</td><td><code>${html(specText(spec))}</code></td></tr>`).join("")}
</tbody></table>
<details><summary>Input schema</summary><pre tabindex="0">${html(pretty(input))}</pre></details>
<details><summary>Output schema</summary><pre tabindex="0">${html(pretty(output))}</pre></details>
</section>`;
}

function curlLines({ name, predictor }: ServedModel, one: string, at: string, root: string): string {
  const type = "-H 'content-type: application/json'";
  const text = shortExample(predictor);
  if (text === undefined || text.length > inlineExample) {
    return pre(
      `curl -s ${quote(`${root}/models/${encodeURIComponent(name)}/example`)}`,
      `| curl ${quote(one)} ${type}`,
      "--data-binary @-",
    );
  }
  return (
    pre(`curl ${quote(one)}`, type, `-d ${quote(text)}`) + pre(`curl ${quote(`${at}/batch`)}`, type, `-d ${quote(`[${text}, ${text}]`)}`)
  );
}

function routeTable({ shows, wire, resolver }: Site, mount: string): string {
  const more = wireRoutes(wire, resolver).map(({ method, path, purpose }) => [method, path, purpose] as const);
  const shown = [...routes, ...(shows.status ? statusRoutes : []), ...(shows.metrics ? metricsRoutes : []), ...more];
  const rows = shown.map(
    ([method, path, purpose]) => `<tr><td>${method}</td><td><code>${html(mount + path)}</code></td><td>${html(purpose)}</td></tr>`,
  );
  return `<section aria-labelledby="routes"><h2 id="routes">Routes</h2>
<table><thead><tr><th scope="col">method</th><th scope="col">path</th><th scope="col">for</th></tr></thead><tbody>
${rows.join("\n")}
</tbody></table></section>`;
}

function common({ limits }: Site): string {
  const rows = Object.entries(errorTable).map(
    ([code, row]) => `<dt><code>${code}</code> ${row.status}</dt><dd>${html(errorMeanings[code as ErrorCode])}</dd>`,
  );
  return `<section aria-labelledby="requests"><h2 id="requests">Requests</h2>
<p>JSON bodies may have ${limits.jsonBytes.toLocaleString("en")} bytes, <code>application/octet-stream</code> bodies ${limits.binaryBytes.toLocaleString("en")}, after gzip or deflate. A batch may have ${limits.batchItems.toLocaleString("en")} items.</p>
<dl>
<dt><code>x-request-id</code></dt><dd>names the request in logs and in the reply</dd>
<dt><code>x-predikt-timeout-ms</code></dt><dd>milliseconds until 504</dd>
<dt><code>x-predikt-priority</code></dt><dd>high, normal or low</dd>
<dt><code>x-predikt-routing-key</code></dt><dd>keeps one user on one side of a traffic split</dd>
<dt><code>x-predikt-shape</code></dt><dd>dims of a binary body, e.g. <code>1,784</code></dd>
</dl></section>
<section aria-labelledby="errors"><h2 id="errors">Errors</h2>
<details><summary>Every error code</summary><dl>${rows.join("")}</dl></details></section>`;
}

function anchor({ name, version }: ServedModel): string {
  return html(`model-${encodeURIComponent(name)}-${encodeURIComponent(version)}`);
}

/** One command over several lines. */
function pre(...parts: readonly string[]): string {
  return `<pre tabindex="0"><code>${html(parts.join(" \\\n  "))}</code></pre>`;
}

function pretty(value: unknown): string {
  return JSON.stringify(toPlain(value), undefined, 2);
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const style = `
:root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--box:#f3f5f7;--line:#d5dae0;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa5b1;--paper:#14171b;--box:#1f242a;--line:#343b44;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:56rem;font:16px/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{margin:0;font-size:1.8rem}h2{margin:2.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);font-size:1.35rem}h3{margin:1.25rem 0 .25rem;font-size:1rem}
p{margin:.25rem 0}small,header p,section>p{color:var(--soft)}
a{color:var(--link)}a:focus-visible,summary:focus-visible,pre:focus-visible{outline:2px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:1rem 0 0;padding:0;list-style:none}
code,pre{font:14px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{margin:.5rem 0;padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--box);border-radius:6px}
table{width:100%;border-collapse:collapse;font-size:.95rem}th,td{padding:.35rem .75rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
details{margin:.5rem 0}summary{cursor:pointer}h2 small{font-size:.95rem;font-weight:400}
dl{margin:.5rem 0}dt{margin-top:.5rem}dd{margin:0 0 0 1.25rem;color:var(--soft)}
pre code{font:inherit}@media (max-width:30rem){pre{padding:.75rem;font-size:13px}td code{overflow-wrap:anywhere}}
@media (min-width:44rem){dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.5rem}dt{margin:0}dd{margin:0}}
`;
