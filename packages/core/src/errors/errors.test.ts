import { describe, expect, it } from "vitest";
import * as errors from "./index.ts";
import { type ErrorCode, errorTable, InputError, isPrediktError, OverloadError, PrediktError } from "./index.ts";
import { reviveError } from "./revive.ts";

const classes = new Map<string, unknown>(Object.entries(errors));

describe("errors", () => {
  it("carry the class, status and retryability of the table, and survive JSON", () => {
    for (const [code, row] of Object.entries(errorTable)) {
      const error = reviveError({ code, message: "m", details: { a: 1 }, cause: "why" });
      expect(error).toBeInstanceOf(classes.get(row.kind));
      expect(error).toMatchObject({ name: row.kind, code, status: row.status, retryable: row.retryable, details: { a: 1 } });
      expect(reviveError(JSON.parse(JSON.stringify(error)))).toEqual(error);
      expect(isPrediktError(error, code as ErrorCode)).toBe(true);
    }
  });

  it("are recognised across copies of the package by a marker, not by instanceof", () => {
    class Foreign extends Error {
      readonly code = "QUEUE_FULL";
      constructor() {
        super("from another copy");
        Object.defineProperty(this, Symbol.for("predikt.error"), { value: true });
      }
    }
    const foreign: unknown = new Foreign();
    expect(foreign instanceof PrediktError).toBe(false);
    expect(isPrediktError(foreign, "QUEUE_FULL")).toBe(true);
    expect(isPrediktError(new Error("plain"))).toBe(false);
    expect(isPrediktError(null)).toBe(false);
  });

  it("give an unknown code the fallback", () => {
    expect(reviveError({ code: "NEW_ONE", message: "m", details: {} }, "REMOTE_PROTOCOL").code).toBe("REMOTE_PROTOCOL");
  });

  it("keep cause and issues", () => {
    const cause = new Error("deep");
    expect(new OverloadError("QUEUE_FULL", "m", { cause }).cause).toBe(cause);
    const issues = [{ path: "x", expected: "a", received: "b" }];
    expect(new InputError("INPUT_VALUE", "m", { details: { issues } }).issues).toEqual(issues);
  });
});
