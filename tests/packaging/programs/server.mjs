// What a server does that renders pages: it imports what the page imports. The process ends by itself, since nothing was started.
const before = new Set(Object.getOwnPropertyNames(globalThis));
const { createPredictor } = await import("@predikt/web");
await import("@predikt/web/image");
await import("@predikt/web/definitions");
await import("@predikt/react");
const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
console.log("new globals:", added.join(", ") || "none");
console.log(await createPredictor({ source: "model.onnx" }).catch(({ code }) => code));
