import { describe, expect, it } from "vitest";
import { createRouter } from "./router.ts";
import { findTyped } from "./typed-routes.ts";

describe("createRouter", () => {
  const match = createRouter("/api", findTyped);

  it.each([
    ["/api/predict", { kind: "predict" }],
    ["/api/predict/", { kind: "predict" }],
    ["/api/predict?x=1", { kind: "predict" }],
    ["/api/predict/m", { kind: "predict", model: "m" }],
    ["/api/predict/a%20b%2Fc", { kind: "predict", model: "a b/c" }],
    ["/api/predict/batch", { kind: "predict", model: "batch" }],
    ["/api/predict/m/batch", { kind: "batch", model: "m" }],
    ["/api/predict/m/batch/?a", { kind: "batch", model: "m" }],
    ["/api/predict/m/versions/2", { kind: "predict", model: "m", version: "2" }],
    ["/api/predict/m/versions/batch", { kind: "predict", model: "m", version: "batch" }],
    ["/api/predict/m/versions/2/batch", { kind: "batch", model: "m", version: "2" }],
    ["/api/predict/m/labels/canary", { kind: "predict", model: "m", label: "canary" }],
    ["/api/predict/m/labels/batch/batch", { kind: "batch", model: "m", label: "batch" }],
    ["/api/models", { kind: "models" }],
    ["/api/models/m", { kind: "model", model: "m" }],
    ["/api/models/m/example", { kind: "example", model: "m" }],
    ["/api/health/live", { kind: "live" }],
    ["/api/health/ready", { kind: "ready" }],
    ["/api/openapi.json", { kind: "openapi" }],
    ["/api/docs", { kind: "docs" }],
  ])("%s", (url, route) => {
    expect(match(url)).toEqual(route);
    // From memory, too.
    expect(match(url)).toEqual(route);
  });

  it.each([
    "/",
    "/api",
    "/api/",
    "/apipredict",
    "/predict",
    "/api/predict//",
    "/api/predict/%E0%A4%A",
    "/api/predict/m/versions",
    "/api/predict/m/versions/",
    "/api/predict/m/versions/2/3",
    "/api/predict/m/versions/2/batch/more",
    "/api/predict/m/tags/2",
    "/api/models/m/more",
    "/api/models/m/example/more",
    "/api/health",
    "/api/health/other",
    "/api/docs/more",
    "/api/Predict",
  ])("%s is none", (url) => {
    expect(match(url)).toBeUndefined();
  });

  it("stays right past what it remembers", () => {
    const fresh = createRouter("", findTyped);
    for (let i = 0; i < 3000; i++) expect(fresh(`/predict/m${i}`)).toEqual({ kind: "predict", model: `m${i}` });
    expect(fresh("/predict/m2999")).toEqual({ kind: "predict", model: "m2999" });
    const long = `/predict/${"m".repeat(500)}`;
    expect(fresh(long)).toEqual({ kind: "predict", model: "m".repeat(500) });
  });
});
