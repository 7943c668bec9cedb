import { html } from "../html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/**
 * A page for people that shows how the models fare, live. It loads nothing but its own numbers.
 *
 * @param mount The path below which the routes lie.
 * @param nonce What the content security policy lets the page's own script and style pass by.
 */
export function statusPage(title: string, mount: string, nonce: string): string {
  const [heading, root] = [html(title), html(mount)];
  return `<!doctype html>
<html lang="en" data-numbers="${root}/status.json">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${heading}: status</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<header><h1>${heading}</h1><p id="about">asking for numbers …</p><nav><a href="${root}/docs">API</a><a href="${root}/status.json">numbers</a></nav></header>
<noscript><p>This page needs JavaScript; the numbers are in status.json.</p></noscript>
<p id="notice" role="status"></p>
<main></main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
}
