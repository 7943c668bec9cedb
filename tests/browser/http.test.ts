import { readFileSync } from "node:fs";
import { createRequestListener } from "@predikt/node/http";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSite, type Site } from "../http/models.ts";
import { asCall, type Outcome } from "../http/scenarios/as-call.ts";
import { scenarios } from "../http/scenarios.ts";
import { prefix } from "../http/servers.ts";
import { chromiumPath, noGpu, type Visit, visit } from "./chromium.ts";

/** The scenarios that a client can express, as in tests/http/client.test.ts. */
const table = scenarios.filter((scenario) => asCall(scenario) !== undefined);
const source = readFileSync(new URL("../http/scenarios/as-call.ts", import.meta.url), "utf8");
const script = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText;

describe.skipIf(chromiumPath === undefined)("httpPredictor in Chromium (needs it: scripts/tools)", () => {
  let site: Site;
  let visited: Visit;
  beforeAll(async () => {
    site = await createSite();
    const listener = createRequestListener({ ...site.options, prefix });
    visited = await visit(noGpu, { files: { "/as-call.js": script }, api: listener });
    await visited.page.evaluate(`Promise.all([import("/as-call.js"), import("@predikt/core/client")]).then(([{ asCall }, { httpPredictor }]) => {
      window.callOf = async (scenario) => {
        const call = asCall(scenario);
        const predictor = httpPredictor(call.model, location.origin + "/api", { retries: 0 });
        try { return await call.make(predictor); } finally { await predictor.close(); }
      };
    })`);
  });
  afterAll(async () => {
    await visited.close();
    await site.close();
  });

  it("has a table", () => expect(table.length).toBeGreaterThan(60));

  it.each(table.map((scenario) => [scenario.name, scenario] as const))(
    "the table's: %s",
    async (_name, { ask, status, body, headers = {} }) => {
      const outcome = await visited.page.evaluate<Outcome, unknown>(
        (scenario) => (globalThis as unknown as { callOf(given: unknown): Promise<Outcome> }).callOf(scenario),
        { ask, status },
      );
      expect(outcome.status, JSON.stringify(outcome.body)).toBe(status);
      if (body !== undefined) expect(outcome.body).toEqual(body);
      for (const [name, value] of Object.entries(headers)) if (name in outcome.headers) expect(outcome.headers[name], name).toEqual(value);
    },
  );
});
