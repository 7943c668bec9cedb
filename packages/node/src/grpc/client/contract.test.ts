import { createPredictor } from "@predikt/core";
import { backendContract, contractModels } from "@predikt/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Site, startSite } from "../../../test/grpc-site.ts";
import { nodeBackend } from "../../backend/node-backend.ts";
import { remote } from "./remote.ts";

const sources = contractModels();
let site: Site;
let url = "grpc://127.0.0.1:1";
beforeAll(async () => {
  const names = Object.keys(sources) as (keyof typeof sources)[];
  const models = await Promise.all(
    names.map((name) => createPredictor({ name, source: sources[name], backend: nodeBackend(), device: "cpu", execution: "worker" })),
  );
  site = await startSite({ models: models as never });
  url = `grpc://127.0.0.1:${site.port}`;
});
afterAll(() => site.close());

describe("the contract over gRPC, against our own server", () => {
  // The server has its address only once it listens.
  const backend = { ...remote(url), open: (request: never) => remote(url).open(request) };
  backendContract({ test, expect }, { backend, options: {}, models: { linear: "linear", identity: "identity", gather: "gather" } });
});
