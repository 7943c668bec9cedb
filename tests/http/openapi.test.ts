import { createPredictor, defineModel, numbers, tensor } from "@predikt/core";
import { type AnyPredictor, type HandlerOptions, toFetchHandler } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { called, createSite, type Site } from "./models.ts";

interface Media {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly externalValue?: string }>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Tree {
  readonly value: number;
  readonly children: readonly Tree[];
}

const tree: z.ZodType<Tree> = z.lazy(() => z.object({ value: z.number(), children: z.array(tree) }));

/** A name that needs care. */
const name = "a tree {of} 100% ÄÖ";

/** References of its own inside, and an example too long for a document. */
const awkward = defineModel({
  name: "tree",
  input: z.object({ tree, pixels: numbers({ length: 20_000 }), at: z.iso.date() }),
  output: z.object({ y: z.number() }),
  encode: () => ({ x: tensor("float32", [1], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { tree: { value: 1, children: [{ value: 2, children: [] }] }, pixels: new Float32Array(20_000), at: "2026-01-01" },
});

let site: Site;
let extra: AnyPredictor;
let document: Document;
let options: HandlerOptions;

const get = async (path: string, from: HandlerOptions = options): Promise<Response> =>
  toFetchHandler({ ...from, prefix: "/api" })(new Request(`http://h.test/api${path}`));

beforeAll(async () => {
  site = await createSite();
  const own = await createPredictor(awkward, { name: "awkward", backend: fakeBackend(), source: "m" });
  extra = called(own, { name }) as unknown as AnyPredictor;
  options = { ...site.options, models: [...site.models.filter(({ info }) => info.name !== "relay"), extra] };
  document = (await (await get("/openapi.json")).json()) as Document;
});
afterAll(async () => {
  await extra.close();
  await site.close();
});

/** A validator that knows the document, so that its references resolve. */
function checker(): (schema: object, value: unknown) => unknown {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, "doc");
  return (schema, value) => {
    const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')) as object);
    return check(value) ? [] : check.errors;
  };
}

const operations = (): (readonly [name: string, operation: Operation])[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );

describe("openapi.json", () => {
  it("is a valid OpenAPI 3.1 document", async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(document.openapi).toBe("3.1.0");
  });

  it("is one without any model, and with one", async () => {
    for (const models of [[], site.models.slice(0, 1)]) {
      const body = (await (await get("/openapi.json", { models })).json()) as Record<string, unknown>;
      expect((await new Validator().validate(body)).valid).toBe(true);
    }
  });

  it("names every route of every model", () => {
    const paths = Object.keys(document.paths);
    expect(paths).toContain("/predict");
    for (const model of ["double", "cube", encodeURIComponent(name)]) {
      for (const rest of ["", "/batch", "/versions/{version}", "/versions/{version}/batch", "/labels/{label}", "/labels/{label}/batch"]) {
        expect(paths).toContain(`/predict/${model}${rest}`);
      }
    }
    expect(paths).toEqual(
      expect.arrayContaining(["/models", "/models/{model}", "/models/{model}/example", "/health/live", "/health/ready"]),
    );
  });

  it("names each operation once, and each variable of its path", () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, operation] of operations()) {
      const variables = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const described = (operation.parameters ?? [])
        .map((parameter) => parameter as { in?: string; name?: string })
        .filter((each) => each.in === "path");
      expect(
        described.map((each) => each.name),
        path,
      ).toEqual(variables);
    }
  });

  it("gives an example that its own schema takes, for each body", () => {
    const check = checker();
    let checked = 0;
    for (const [path, { requestBody }] of operations()) {
      const media = requestBody?.content["application/json"];
      if (media === undefined || !("example" in media)) continue;
      expect(check(media.schema, media.example), path).toEqual([]);
      checked++;
    }
    // The default's path, and six of each model whose example is short: eleven names, one of them in two versions.
    expect(checked).toBe(1 + 6 * 12);
  });

  it("gives a version with schemas of its own paths of its own", async () => {
    const own = await createPredictor(awkward, { name: "double", backend: fakeBackend(), source: "m" });
    const other = called(own, { version: "é/5" }) as unknown as AnyPredictor;
    const told = (await (await get("/openapi.json", { models: [...site.models.slice(0, 2), other] })).json()) as Document;
    expect((await new Validator().validate(JSON.parse(JSON.stringify(told)) as Record<string, unknown>)).valid).toBe(true);
    const refOf = (path: string): unknown => told.paths[path]?.["post"]?.requestBody?.content["application/json"]?.schema;
    expect(refOf("/predict/double/versions/%C3%A9%2F5")).toEqual({ $ref: "#/components/schemas/double.__5.input" });
    expect(told.paths).toHaveProperty(["/predict/double/versions/%C3%A9%2F5/batch"]);
    expect(refOf("/predict/double/versions/{version}")).toEqual({ $ref: "#/components/schemas/double.input" });
    expect(told.paths["/predict/double/versions/{version}"]?.["post"]?.parameters?.[0]).toMatchObject({ schema: { enum: ["3", "4"] } });
    expect(told.components.schemas["double.__5.input"]).toMatchObject({ required: ["tree", "pixels", "at"] });
    await other.close();
  });

  it("tells of each status that a prediction can have", () => {
    for (const [path, { responses, requestBody }] of operations()) {
      if (requestBody === undefined) continue;
      expect(Object.keys(responses), path).toEqual(
        expect.arrayContaining(["200", "400", "404", "405", "413", "415", "429", "500", "502", "503", "504"]),
      );
    }
  });

  it("has schemas that refuse what is wrong", () => {
    const check = checker();
    const schema = document.paths["/predict/double"]?.["post"]?.requestBody?.content["application/json"]?.schema as object;
    expect(check(schema, { x: "1" })).not.toEqual([]);
    expect(check(schema, {})).not.toEqual([]);
    const cube = document.paths["/predict/cube"]?.["post"]?.requestBody?.content["application/json"]?.schema as object;
    expect(
      check(cube, {
        x: [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
      }),
    ).toEqual([]);
    expect(check(cube, { x: { type: "float32", dims: [1, 2, 3], data: [1, 2, 3, 4, 5, 6] } })).toEqual([]);
    expect(
      check(cube, {
        x: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      }),
    ).not.toEqual([]);
    expect(check(cube, { x: { type: "int32", dims: [1, 2, 3], data: [1, 2, 3, 4, 5, 6] } })).not.toEqual([]);
    expect(check(cube, {})).not.toEqual([]);
  });

  it("describes the replies that the server really gives", async () => {
    const check = checker();
    const handler = toFetchHandler({ ...options, prefix: "/api" });
    for (const [path, { requestBody, responses }] of operations()) {
      const media = requestBody?.content["application/json"];
      if (media?.example === undefined || path.includes("{")) continue;
      const body = JSON.stringify(media.example);
      const reply = await handler(
        new Request(`http://h.test/api${path.split(" ")[1]}`, { method: "POST", body, headers: { "content-type": "application/json" } }),
      );
      expect(reply.status, path).toBe(200);
      expect(check(responses["200"]?.content["application/json"]?.schema as object, await reply.json()), path).toEqual([]);
    }
    const refused = await handler(
      new Request("http://h.test/api/predict", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }),
    );
    expect(check({ $ref: "#/components/schemas/Error" }, await refused.json())).toEqual([]);
  });

  it("resolves references inside a model's own schema, and keeps long examples out", async () => {
    const check = checker();
    const media = document.paths[`/predict/${encodeURIComponent(name)}`]?.["post"]?.requestBody?.content["application/json"] as Media;
    expect(media.example).toBeUndefined();
    const address = media.examples?.["example"]?.externalValue as string;
    expect(address).toBe(`/api/models/${encodeURIComponent(name)}/example`);
    const example = (await (await get(address.replace("/api", ""))).json()) as { tree: unknown };
    expect(check(media.schema, example)).toEqual([]);
    expect(check(media.schema, { ...example, tree: { value: 1, children: [{ value: "2", children: [] }] } })).not.toEqual([]);
    const described = (await (await get(`/models/${encodeURIComponent(name)}`)).json()) as object;
    expect(described).not.toHaveProperty("example");
    expect(JSON.stringify(document).length).toBeLessThan(200_000);
  });
});

describe("GET /docs", () => {
  it("holds no more than text, escaped, and curl lines that work", async () => {
    const html = await (await get("/docs", { ...options, title: "<b>&'", limits: undefined })).text();
    expect(html).toContain("JSON bodies may have 4,194,304 bytes");
    expect(html).toContain("67,108,864, after gzip or deflate. A batch may have 1,024 items.");
    expect(html).toContain("<title>&#60;b&#62;&#38;&#39;: API</title>");
    expect(html).not.toMatch(/<script|<b>|src=|url\(|@import/);
    const [first] = [...html.matchAll(/<pre tabindex="0"><code>(curl [\s\S]*?)<\/code>/g)].map((match) =>
      (match[1] as string).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
    );
    expect(first).toBe(`curl 'http://h.test/api/predict' \\\n  -H 'content-type: application/json' \\\n  -d '{"x":3}'`);
    for (const [, href] of html.matchAll(/href="(\/[^"]*)"/g))
      expect((await get((href as string).replace("/api", ""))).status, href).toBe(200);
    const anchors = [...html.matchAll(/href="#([^"]*)"/g)].map((match) => match[1]);
    for (const anchor of anchors) expect(html).toContain(`id="${anchor}"`);
  });

  it("knows a model without a definition by an example made for it", async () => {
    expect(await (await get("/models/cube/example")).json()).toEqual({ x: [0, 0, 0, 0, 0, 0] });
    expect(await (await get("/models/free/example")).json()).toEqual({ x: { type: "float32", dims: [1, 1], data: [0] } });
    expect(await (await get("/models/words/example")).json()).toEqual({ x: [""] });
  });
});
