import { createPredictor, type Definition, defineModel, type Predictor, tensor } from "@predikt/core";
import { type FakeBackend, fakeBackend } from "@predikt/core/testing";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { type ReactElement, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { PredictorProvider, type UsePrediction, usePrediction } from "./index.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 1 },
});
type Double = UsePrediction<{ x: number }, { y: number }>;

let backend: FakeBackend;
let loads: number;
let latest: Double;
let failLoads: number;

function create<Input, Output>(definition: Definition<Input, Output>, options: { source: string }): Promise<Predictor<Input, Output>> {
  loads++;
  if (loads <= failLoads) return Promise.reject(new Error("no network"));
  return createPredictor(definition, { ...options, backend, warmup: false });
}

function Show({ x }: { readonly x?: number | undefined }): ReactElement {
  latest = usePrediction(double, x === undefined ? undefined : { x });
  return <output>{`${latest.status}:${latest.data?.y ?? "-"}`}</output>;
}

const other = { ...double, name: "other" };
function Unknown(): ReactElement {
  latest = usePrediction(other, { x: 1 });
  return <output>{latest.status}</output>;
}

const App = ({ x, on = true }: { readonly x?: number | undefined; readonly on?: boolean }): ReactElement => (
  <PredictorProvider create={create} models={{ double: { definition: double, source: "m.onnx" } }}>
    {on && <Show x={x} />}
  </PredictorProvider>
);
const shows = (text: string): Promise<void> => waitFor(() => expect(screen.getByRole("status").textContent).toBe(text));

beforeEach(() => {
  backend = fakeBackend();
  loads = 0;
  failLoads = 0;
});
afterEach(cleanup);

describe("usePrediction", () => {
  it("predicts its input, again when the content changes, and not when only the object does", async () => {
    const { rerender } = render(<App x={3} />);
    await shows("success:6");
    expect(latest).toMatchObject({ device: "cpu", error: undefined });
    expect(latest.timings?.totalMs).toBeGreaterThanOrEqual(0);
    rerender(<App x={3} />);
    rerender(<App x={4} />);
    await shows("success:8");
    expect(backend.runs).toHaveLength(2);
    expect(loads).toBe(1);
  });

  it("loads nothing before it is asked, and predicts on demand", async () => {
    render(<App />);
    expect(screen.getByRole("status").textContent).toBe("idle:-");
    expect(loads).toBe(0);
    const { predict } = latest;
    await act(async () => expect(await predict({ x: 5 })).toEqual({ y: 10 }));
    expect(screen.getByRole("status").textContent).toBe("success:10");
    expect(latest.predict).toBe(predict);
  });

  it("aborts a stale call, whose answer never shows, and keeps the last data meanwhile", async () => {
    const { rerender } = render(<App x={1} />);
    await shows("success:2");
    backend.hold(true);
    let stale: Promise<unknown> = Promise.resolve();
    act(() => {
      stale = latest.predict({ x: 50 }).catch((error: unknown) => error);
    });
    expect(screen.getByRole("status").textContent).toBe("pending:2");
    rerender(<App x={7} />);
    expect(await stale).toMatchObject({ name: "AbortError" });
    backend.hold(false);
    await act(async () => backend.release());
    await shows("success:14");
  });

  it("shows a failure, and tries a failed load anew", async () => {
    failLoads = 1;
    const { rerender } = render(<App x={1} />);
    await shows("error:-");
    expect(latest.error).toMatchObject({ message: "no network" });
    rerender(<App x={2} />);
    await shows("success:4");
    expect(loads).toBe(2);
  });

  it("shows the SDK's own errors, and takes the caller's signal", async () => {
    render(<App />);
    await act(async () =>
      expect(await latest.predict({ x: "3" as never }).catch((e: unknown) => e)).toMatchObject({ code: "INPUT_DTYPE" }),
    );
    expect(latest).toMatchObject({ status: "error", error: { code: "INPUT_DTYPE" } });
    const reason = new Error("changed my mind");
    await act(async () =>
      expect(await latest.predict({ x: 1 }, { signal: AbortSignal.abort(reason) }).catch((e: unknown) => e)).toBe(reason),
    );
    expect(latest.error).toBe(reason);
  });

  it("aborts when its component goes, and closes the model when the provider does", async () => {
    backend.hold(true);
    const { rerender, unmount } = render(<App x={1} />);
    await waitFor(() => expect(backend.runs).toHaveLength(1));
    rerender(<App x={1} on={false} />);
    backend.hold(false);
    backend.release();
    expect(backend.openSessions()).toBe(1);
    unmount();
    await waitFor(() => expect(backend.openSessions()).toBe(0));
  });

  it("survives strict mode with one load", async () => {
    const { unmount } = render(
      <StrictMode>
        <App x={3} />
      </StrictMode>,
    );
    await shows("success:6");
    expect(loads).toBe(1);
    unmount();
    await waitFor(() => expect(backend.openSessions()).toBe(0));
  });

  it("renders idle on a server and loads nothing there", () => {
    expect(renderToString(<App x={3} />)).toContain("idle:-");
    expect(loads).toBe(0);
  });

  it("says what is missing: a provider, or the model's entry in it", async () => {
    expect(() => renderToString(<Show />)).toThrow(/PredictorProvider/);
    render(
      <PredictorProvider create={create} models={{ double: { definition: double, source: "m.onnx" } }}>
        <Unknown />
      </PredictorProvider>,
    );
    await shows("error");
    expect(latest.error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining('"other"') });
  });
});
