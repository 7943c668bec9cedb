import { type ImageTensorOptions, imageTensor } from "@predikt/core/preprocess";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, type Visit, visit } from "./chromium.ts";
import { openSite, type Site } from "./site.ts";

const [width, height] = [40, 24];
/** An opaque picture with waves and edges, made the same way here and in the page. */
const picture = new Uint8ClampedArray(
  Array.from({ length: width * height * 4 }, (_, i) => {
    const [x, y, c] = [(i >> 2) % width, Math.floor(i / 4 / width), i % 4];
    return c === 3 ? 255 : (((x >> 3) + (y >> 2)) % 2) * 60 + ((x * (5 + c) + y * 3) % 190);
  }),
);

// As text: the test's own compiler would rewrite imports in functions. It runs in the page and in a worker.
const setUp = `
  const [width, height] = [${width}, ${height}];
  const data = new Uint8ClampedArray(${JSON.stringify(Array.from(picture))});
  const imageData = new ImageData(data, width, height);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(imageData, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const kinds = {
    ImageData: imageData,
    OffscreenCanvas: canvas,
    ImageBitmap: await createImageBitmap(imageData),
    Blob: blob,
    File: new File([blob], "picture.png"),
    VideoFrame: new VideoFrame(canvas, { timestamp: 0 }),
  };
  const everyTensor = async (optionsList) => {
    const { toImageTensor } = await import(ORIGIN + "/packages/web/dist/image.js");
    const out = {};
    for (const [name, image] of Object.entries(kinds)) {
      out[name] = [];
      for (const options of optionsList) {
        const { type, data, dims } = await toImageTensor(image, options);
        out[name].push({ type, data: Array.from(data), dims });
      }
    }
    return out;
  };
`;
const elements = `
  kinds.HTMLCanvasElement = Object.assign(document.createElement("canvas"), { width, height });
  kinds.HTMLCanvasElement.getContext("2d").putImageData(imageData, 0, 0);
  kinds.HTMLImageElement = Object.assign(new Image(), { src: URL.createObjectURL(blob) });
  await kinds.HTMLImageElement.decode();
`;
/** An APP1 segment with one tag, orientation 6, put behind the start of a JPEG (Exif 2.32, section 4.6.4). */
const turned = `
  const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 1 })).arrayBuffer());
  const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const sideways = new Blob([jpeg.subarray(0, 2), new Uint8Array(exif), jpeg.subarray(2)], { type: "image/jpeg" });
`;

type Tensors = Record<string, { type: string; data: number[]; dims: number[] }[]>;

const settings: ImageTensorOptions[] = [
  {},
  { width: 16, height: 16, fit: "cover", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { width: 20, height: 20, fit: "contain", background: 114, layout: "NHWC", colors: "bgr", dtype: "uint8", resample: "bicubic" },
  { width: 9, height: 7, colors: "gray", resample: "nearest", antialias: false },
];
const expected = settings.map((options) => {
  const { type, data, dims } = imageTensor({ data: picture, width, height }, options);
  return { type, data: Array.from(data), dims };
});

/** An image that other origins may not read. */
const files = { "/dot.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' };

describe.skipIf(chromiumPath === undefined)("@predikt/web/image in a real browser (needs Chromium: scripts/tools)", () => {
  let opened: Visit;
  let elsewhere: Site;
  beforeAll(async () => {
    [opened, elsewhere] = await Promise.all([visit([], { files }), openSite({ files })]);
  });
  afterAll(async () => {
    await opened?.close();
    await elsewhere?.close();
  });

  /** Runs the text of an async function's body in a page that is fresh. */
  const inPage = async <T>(body: string): Promise<T> => {
    await opened.page.goto(opened.site.url);
    return opened.page.evaluate<T>(`(async () => { const ORIGIN = location.origin; ${body} })()`);
  };
  /** What `toPixels` refuses an image with. */
  const refused = (image: string): Promise<{ code: string; message: string }> =>
    inPage(`
      ${setUp}${elements}
      const { toPixels } = await import("/packages/web/dist/image.js");
      const image = await (async () => { ${image} })();
      return toPixels(image).then(() => ({ code: "none" }), ({ code, message }) => ({ code, message }));
    `);

  it("gives the same tensor as core's arithmetic for every kind of image, in a page", async () => {
    const tensors = await inPage<Tensors>(`${setUp}${elements} return everyTensor(${JSON.stringify(settings)});`);
    expect(Object.keys(tensors)).toHaveLength(8);
    for (const [name, list] of Object.entries(tensors)) expect(list, name).toEqual(expected);
  });

  it("does in a worker", async () => {
    const program = `const ORIGIN = ${JSON.stringify(new URL(opened.site.url).origin)}; ${setUp} postMessage(await everyTensor(${JSON.stringify(settings)}));`;
    const tensors = await inPage<Tensors>(`
      const url = URL.createObjectURL(new Blob([${JSON.stringify(program)}], { type: "text/javascript" }));
      const worker = new Worker(url, { type: "module" });
      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
    `);
    expect(Object.keys(tensors)).toHaveLength(6);
    for (const [name, list] of Object.entries(tensors)) expect(list, name).toEqual(expected);
  });

  it("does without OffscreenCanvas, on a canvas element", async () => {
    const tensors = await inPage<Tensors>(
      `${setUp}${elements} delete globalThis.OffscreenCanvas; delete kinds.OffscreenCanvas; return everyTensor(${JSON.stringify(settings)});`,
    );
    for (const [name, list] of Object.entries(tensors)) expect(list, name).toEqual(expected);
  });

  it("takes the frame that a video shows, and refuses one that shows none", async () => {
    const { unseen, same, dims, far } = await inPage<{ unseen: string; same: boolean; dims: number[]; far: number }>(`
      ${setUp}${elements}
      const { toImageTensor, toPixels } = await import("/packages/web/dist/image.js");
      const { imageTensor } = await import("@predikt/core/preprocess");
      const source = kinds.HTMLCanvasElement;
      source.getContext("2d").fillStyle = "rgb(200, 40, 90)";
      const recorder = new MediaRecorder(source.captureStream(30), { mimeType: "video/webm" });
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const ended = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start();
      // The recorder writes frames that change.
      for (let i = 0; i < 10; i++) {
        source.getContext("2d").fillRect(0, 0, width, height);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      recorder.stop();
      await ended;
      const video = Object.assign(document.createElement("video"), { muted: true, src: URL.createObjectURL(new Blob(parts)) });
      await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = () => reject(new Error("no video")); });
      const unseen = await toPixels(video).then(() => "none", ({ code }) => code);
      document.body.append(video);
      video.currentTime = 0;
      await new Promise((resolve) => (video.onseeked = resolve));
      const options = { width: 8, height: 8, fit: "contain", dtype: "uint8", layout: "NHWC" };
      const { data: levels, dims } = await toImageTensor(video, options);
      const again = imageTensor(await toPixels(video), options);
      const middle = Array.from(levels.subarray((4 * 8 + 4) * 3, (4 * 8 + 4) * 3 + 3));
      return { unseen, same: levels.join() === again.data.join(), dims, far: Math.max(...[200, 40, 90].map((level, c) => Math.abs(level - middle[c]))) };
    `);
    expect({ unseen, same, dims }).toEqual({ unseen: "INPUT_VALUE", same: true, dims: [1, 8, 8, 3] });
    expect(far).toBeLessThan(20);
  });

  it("turns a photo as its EXIF orientation says, a blob as an element", async () => {
    const sizes = await inPage<{ sizes: number[][]; far: number[] }>(`
      ${setUp}${turned}
      const { toPixels } = await import("/packages/web/dist/image.js");
      const element = Object.assign(new Image(), { src: URL.createObjectURL(sideways) });
      await element.decode();
      const images = [await toPixels(sideways), await toPixels(element)];
      // Orientation 6: the file's pixel (x, y) shows at (height − 1 − y, x).
      const far = images.map((image) => {
        let sum = 0;
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++)
          sum += Math.abs(data[(y * width + x) * 4 + c] - image.data[(x * height + height - 1 - y) * 4 + c]);
        return sum / (width * height * 3);
      });
      return { sizes: images.map((image) => [image.width, image.height, image.channels]), far };
    `);
    expect(sizes.sizes).toEqual([
      [height, width, 4],
      [height, width, 4],
    ]);
    for (const far of sizes.far) expect(far).toBeLessThan(12);
  });

  it("scales as the browser does where that is asked for: close to core, the padding exact, an enlarged part too", async () => {
    const options = [
      { width: 20, height: 20, fit: "contain", background: [0, 0, 255] },
      { width: 10, height: 10, fit: "cover" },
      { width: 10, height: 6 },
      { width: 60, height: 80, fit: "cover" },
    ] as const;
    const all = options.map((one) => ({ ...one, dtype: "uint8" as const }));
    const tensors = await inPage<Tensors>(
      `${setUp}${elements} return everyTensor(${JSON.stringify(all.map((one) => ({ ...one, resample: "browser" })))});`,
    );
    for (const [name, list] of Object.entries(tensors)) {
      for (const [i, one] of all.entries()) {
        const { data, dims } = imageTensor({ data: picture, width, height }, one);
        expect(list[i]?.dims, name).toEqual(dims);
        const far = Array.from(data).reduce((sum, level, at) => sum + Math.abs(level - (list[i]?.data[at] ?? 999)), 0) / data.length;
        expect(far, `${name} ${JSON.stringify(one)}`).toBeLessThan(25);
        if (i === 0) expect(list[i]?.data.slice(800, 840)).toEqual(Array.from(data.slice(800, 840)));
      }
    }
  });

  it("closes what it makes, and nothing else", async () => {
    const open = await inPage<Record<string, number[]>>(`
      ${setUp}
      const { toImageTensor, toPixels } = await import("/packages/web/dist/image.js");
      const made = [];
      const own = createImageBitmap;
      globalThis.createImageBitmap = async (...all) => { made.push(await own(...all)); return made.at(-1); };
      await toPixels(blob);
      await toImageTensor(blob, { resample: "browser", width: 4 });
      await toImageTensor(imageData, { resample: "browser", width: 4 });
      await toImageTensor(blob, { width: -1 }).catch(() => undefined);
      await toImageTensor(imageData, { resample: "browser", width: -1 }).catch(() => undefined);
      await toPixels(kinds.ImageBitmap);
      await toPixels(kinds.VideoFrame);
      return { made: made.map((bitmap) => bitmap.width), given: [kinds.ImageBitmap.width, kinds.VideoFrame.displayWidth] };
    `);
    expect(open).toEqual({ made: [0, 0, 0, 0, 0], given: [width, width] });
  });

  it.each<[string, string, string, RegExp]>([
    ["has not loaded", `return Object.assign(new Image(), { src: "/dot.svg?" + performance.now() });`, "INPUT_VALUE", /has not/],
    ["is a video without a frame", `return document.createElement("video");`, "INPUT_VALUE", /loadeddata/],
    [
      "failed to load",
      `const image = new Image(); await new Promise((resolve) => { image.onerror = resolve; image.src = "/"; }); return image;`,
      "BODY_INVALID",
      /failed to load/,
    ],
    ["is an element without a source", `return new Image();`, "INPUT_SHAPE", /0 × 0/],
    [
      "is a canvas without a size",
      `return Object.assign(document.createElement("canvas"), { width: 0 });`,
      "INPUT_SHAPE",
      /0 × 24|0 × 150/,
    ],
    ["was closed", `kinds.ImageBitmap.close(); return kinds.ImageBitmap;`, "INPUT_SHAPE", /still open/],
    ["is a frame that was closed", `kinds.VideoFrame.close(); return kinds.VideoFrame;`, "INPUT_SHAPE", /still open/],
    ["is a damaged file", `return new Blob([new Uint8Array(99)], { type: "image/png" });`, "BODY_INVALID", /does not$/],
    ["is a text file", `return new File(["text"], "a.txt", { type: "text/plain" });`, "UNSUPPORTED_MEDIA_TYPE", /another type/],
    ["is none", `return {};`, "INPUT_DTYPE", /ImageBitmap/],
    ["is nothing", `return null;`, "INPUT_DTYPE", /ImageBitmap/],
  ])("refuses an image that %s", async (_why, image, code, message) => {
    expect(await refused(image)).toEqual({ code, message: expect.stringMatching(message) });
  });

  it("refuses an image of another origin that the page may not read, and says what CORS needs", async () => {
    const load = `const image = new Image(); image.src = ${JSON.stringify(`${elsewhere.url}dot.svg`)}; await image.decode(); return image;`;
    expect(await refused(load)).toEqual({ code: "INPUT_VALUE", message: expect.stringMatching(/CORS.*another origin/) });
  });
});
