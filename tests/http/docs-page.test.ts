import { toFetchHandler } from "@predikt/core/serving";
import { expect, it } from "vitest";
import { createSite } from "./models.ts";

it("GET /docs shows every route that the OpenAPI document has, with the mount's path, and the documents themselves", async () => {
  const site = await createSite();
  const handler = toFetchHandler({ ...site.options, prefix: "/api" });
  const get = async (path: string): Promise<string> => (await handler(new Request(`http://localhost/api${path}`))).text();
  const { paths } = JSON.parse(await get("/openapi.json")) as { paths: Record<string, object> };
  const general = new Set(Object.keys(paths).map((path) => path.replace(/^\/predict\/[^/]+/, "/predict/{model}")));
  const shown = [...(await get("/docs")).matchAll(/<td>(?:GET|POST)<\/td><td><code>([^<]*)<\/code>/g)].map(([, path = ""]) =>
    path.replaceAll("&#123;", "{").replaceAll("&#125;", "}"),
  );
  expect(new Set(shown)).toEqual(new Set([...general, "/openapi.json", "/docs", "/status", "/status.json"].map((path) => `/api${path}`)));
  await handler.close();
  await site.close();
});
