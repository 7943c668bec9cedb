// Draws src/text/sample.png, the image that the text page begins with: node tools/draw-sample.mjs [path of Chromium]
import { writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const browser = await chromium.launch({ executablePath: process.argv[2] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
const png = await page.evaluate(draw);
await browser.close();
writeFileSync(new URL("../src/text/sample.png", import.meta.url), Buffer.from(png.split(",")[1], "base64"));

/** Runs in the page. */
function draw() {
  const canvas = document.createElement("canvas");
  canvas.width = 960;
  canvas.height = 640;
  const context = canvas.getContext("2d");
  const write = (text, x, y, font, color, align = "left") => {
    context.font = font;
    context.fillStyle = color;
    context.textAlign = align;
    context.fillText(text, x, y);
  };
  const box = (x, y, width, height, color, radius) => {
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(x, y, width, height, radius);
    context.fill();
  };

  box(0, 0, 960, 640, "#2f5d50", 0);
  for (let x = -640; x < 960; x += 48) {
    context.strokeStyle = "#35675a";
    context.lineWidth = 14;
    context.beginPath();
    context.moveTo(x, 640);
    context.lineTo(x + 640, 0);
    context.stroke();
  }
  box(70, 60, 520, 520, "#fbf7ec", 18);
  write("BAKERY", 110, 140, "bold 42px 'DejaVu Sans', sans-serif", "#2b2b2b");
  box(110, 165, 440, 3, "#c9b88f", 2);
  const line = "30px 'DejaVu Sans', sans-serif";
  for (const [i, [what, price]] of [
    ["Rye bread", "4.20"],
    ["Apple tart", "3.75"],
    ["Coffee", "2.60"],
  ].entries()) {
    write(what, 110, 235 + i * 70, line, "#3a3a3a");
    write(price, 550, 235 + i * 70, line, "#3a3a3a", "right");
  }
  box(110, 415, 440, 3, "#c9b88f", 2);
  const sum = "bold 34px 'DejaVu Sans', sans-serif";
  write("Total", 110, 480, sum, "#2b2b2b");
  write("10.55", 550, 480, sum, "#2b2b2b", "right");
  write("Goodbye", 330, 548, "italic 26px 'DejaVu Serif', serif", "#7a6a43", "center");

  context.translate(770, 330);
  context.rotate(-0.16);
  box(-130, -110, 260, 220, "#f2b632", 16);
  write("FRESH", 0, -20, "bold 52px 'DejaVu Sans', sans-serif", "#3b2a06", "center");
  write("since 1987", 0, 50, "30px 'DejaVu Sans', sans-serif", "#3b2a06", "center");
  return canvas.toDataURL("image/png");
}
