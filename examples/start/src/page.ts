/** The page at `/`: what runs here, a field to try it, and where to read on. It needs no network. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Predikt is running</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
  input { font: inherit; width: 6rem }
  output { font-weight: bold }
</style>
<h1>Predikt is running</h1>
<p>Two models answer HTTP requests from this Node process:</p>
<ul>
  <li><b>linear</b>, trained a moment ago from five points of y&nbsp;=&nbsp;2x; it is the default</li>
  <li><b>digits</b>, which reads handwritten digits</li>
</ul>
<p><label>x = <input id="x" type="number" step="any" value="3"></label> → y = <output id="y" for="x">…</output></p>
<ul>
  <li><a href="/api/docs">The API, to read</a>, and <a href="/api/openapi.json">its OpenAPI document</a></li>
  <li><a href="/api/models">The models</a>, with their signatures and statistics</li>
  <li><a href="/api/health/ready">Is it ready?</a></li>
</ul>
<p>Ctrl-C in the terminal ends it.</p>
<script>
  const x = document.getElementById("x");
  const y = document.getElementById("y");
  async function predict() {
    const asked = x.value;
    let answer;
    try {
      const body = JSON.stringify({ x: x.valueAsNumber });
      const reply = await fetch("/api/predict", { method: "POST", headers: { "content-type": "application/json" }, body });
      const result = await reply.json();
      answer = reply.ok ? result.y.toFixed(3) : result.error;
    } catch {
      answer = "the server does not answer";
    }
    if (asked === x.value) y.textContent = answer;
  }
  x.addEventListener("input", predict);
  predict();
</script>
</html>
`;
