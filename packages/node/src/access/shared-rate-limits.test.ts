import type { AccessHook, AccessRequest } from "@predikt/core/serving";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { describe, expect, it } from "vitest";
import { type SharedRateOptions, sharedRateLimits } from "./shared-rate-limits.ts";

const refusalOf = async (hook: AccessHook): Promise<Error & { details: Record<string, unknown> }> => {
  try {
    await hook(request("ada"));
  } catch (error) {
    return error as never;
  }
  throw new Error("it was allowed");
};

const request = (id: string, parts: Partial<AccessRequest> = {}): AccessRequest => ({
  method: "POST",
  header: () => undefined,
  requestId: "r",
  operation: "predict",
  model: "m",
  caller: { id },
  ...parts,
});

describe("sharedRateLimits", () => {
  it("limits requests by caller", async () => {
    const hook = sharedRateLimits({ requests: new RateLimiterMemory({ points: 2, duration: 60 }) });
    await hook(request("ada"));
    await hook(request("ada"));
    await expect(hook(request("ada"))).rejects.toMatchObject({ code: "RATE_LIMITED", status: 429, details: { limited: "requests" } });
    const { details } = await refusalOf(hook);
    expect(details["retryAfterMs"]).toBeGreaterThan(50_000);
    await hook(request("bob"));
    await hook(request("ada", { operation: "metadata" }));
  });

  it("limits rows and bytes, and two hooks share one store", async () => {
    const limits = {
      rows: new RateLimiterMemory({ points: 5, duration: 60 }),
      bytes: new RateLimiterMemory({ points: 100, duration: 60 }),
    };
    const [one, two] = [sharedRateLimits(limits), sharedRateLimits(limits)];
    const weigh = async (hook: typeof one, rows: number, bytes: number) => (await hook(request("ada")))?.weigh?.({ rows, bytes });
    await weigh(one, 3, 10);
    await expect(weigh(two, 3, 10)).rejects.toMatchObject({ code: "RATE_LIMITED", details: { limited: "rows" } });
    await expect(weigh(one, 0, 101)).rejects.toMatchObject({ code: "INPUT_TOO_LARGE", status: 413 });
    await weigh(one, 0, 60);
    await expect(weigh(two, 0, 60)).rejects.toMatchObject({ details: { limited: "bytes" } });
  });

  it("refuses where the store fails, or allows where it was told to, and never tells what the store said", async () => {
    const consume = () => Promise.reject(Object.assign(new Error("redis://:password@store"), { code: "ECONNREFUSED" }));
    const requests = { points: 1, duration: 1, consume };
    const refused = await refusalOf(sharedRateLimits({ requests }));
    expect(refused).toMatchObject({ code: "NOT_READY", status: 503, details: { reason: "ECONNREFUSED" } });
    expect(refused.cause).toBeUndefined();
    expect(JSON.stringify([refused, refused.stack])).not.toContain("password");
    await sharedRateLimits({ requests, onStoreFailure: "allow" })(request("ada"));
  });

  it("refuses wrong options", () => {
    const wrong = (options: object) => () => sharedRateLimits(options as SharedRateOptions);
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(wrong({})).toThrow(config("options"));
    expect(wrong({ requests: { points: 5 } })).toThrow(config("requests"));
    expect(wrong({ requests: new RateLimiterMemory({ points: 1, duration: 1 }), onStoreFailure: "hope" })).toThrow(
      config("onStoreFailure"),
    );
  });
});
