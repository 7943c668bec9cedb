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
    for (const code of ["NEW_ONE", "constructor", "toString", "__proto__"])
      expect(reviveError({ code, message: "m", details: {} }, "REMOTE_PROTOCOL").code).toBe("REMOTE_PROTOCOL");
  });

  it("take over issues only where they are some", () => {
    const issue = { path: "x", expected: "a", received: "b" };
    const revived = (issues: unknown) => reviveError({ code: "INPUT_VALUE", message: "m", details: { a: 1, issues } });
    expect(revived([issue]).issues).toEqual([issue]);
    for (const issues of ["text", 7, null, { length: 1, 0: issue }, [issue, null], [7], [{ ...issue, path: 7 }]]) {
      expect(revived(issues).issues).toEqual([]);
      expect(revived(issues).details).toEqual({ a: 1 });
    }
    expect(new InputError("INPUT_VALUE", "m", { details: { issues: "text" } }).issues).toEqual([]);
    expect(reviveError({ code: "CLOSED", message: "m", details: null as never }).details).toEqual({});
  });

  it("keep cause and issues", () => {
    const cause = new Error("deep");
    expect(new OverloadError("QUEUE_FULL", "m", { cause }).cause).toBe(cause);
    const issues = [{ path: "x", expected: "a", received: "b" }];
    expect(new InputError("INPUT_VALUE", "m", { details: { issues } }).issues).toEqual(issues);
  });
});
