import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { type ReactElement, StrictMode, useLayoutEffect, useState } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Boundary, double, fakeRuntime, type Runtime, rejection } from "../test/kit.tsx";
import { PredictorProvider, type UsePrediction, type UsePredictionOptions, usePrediction } from "./index.ts";

type Input = { x: number };
type Double = UsePrediction<Input, { y: number }>;

let runtime: Runtime;
let latest: Double;
let renders: number;
/** The same object for the same number, as state and props are. */
const inputs = new Map<number, Input>();
const input = (x: number): Input => {
  inputs.set(x, inputs.get(x) ?? { x });
  return inputs.get(x) as Input;
};

interface Props {
  readonly given?: Input | undefined;
  readonly options?: UsePredictionOptions<Input> | undefined;
}

function Show({ given, options }: Props): ReactElement {
  renders++;
  latest = usePrediction(double, given, options);
  return <output>{`${latest.status}:${latest.data?.y ?? "-"}${latest.isStale ? " stale" : ""}`}</output>;
}

function Provided({ children }: { readonly children?: ReactElement | false | undefined }): ReactElement {
  return (
    <PredictorProvider create={runtime.create} models={{ double: { definition: double, source: "m.onnx" } }} clock={runtime.clock}>
      {children}
    </PredictorProvider>
  );
}

const App = (props: Props): ReactElement => (
  <Provided>
    <Show {...props} />
  </Provided>
);
const text = (): string | null => screen.getByRole("status").textContent;
const shows = (expected: string): Promise<void> => waitFor(() => expect(text()).toBe(expected));
const pass = (ms: number): Promise<void> => act(() => runtime.clock.advance(ms));

const Unsteady = (props: { readonly options?: UsePredictionOptions<unknown> }): ReactElement => (
  <PredictorProvider create={runtime.create} models={{ m: { definition: unsteady, source: "m.onnx" } }} clock={runtime.clock}>
    <Nested {...props} />
  </PredictorProvider>
);
const unsteady = { ...double };
const other = { ...double, name: "other" };

/** Notes what is shown that does not belong to its input. */
function Paired({ given, wrong }: Props & { readonly wrong: string[] }): ReactElement {
  latest = usePrediction(double, given);
  const { status, data, isStale } = latest;
  useLayoutEffect(() => {
    if (given === undefined ? status !== "idle" : status === "error") wrong.push(`${given?.x}:${status}`);
    if (data !== undefined && !isStale && data.y !== 2 * (given?.x ?? 0)) wrong.push(`${given?.x}:${data.y}`);
  });
  return <output>{`${status}:${data?.y ?? "-"}`}</output>;
}

function Literal(): ReactElement {
  latest = usePrediction(double, { x: 3 });
  return <output>{`${latest.status}:${latest.data?.y ?? "-"}`}</output>;
}

function Nested({ options = {} }: { readonly options?: UsePredictionOptions<unknown> }): ReactElement {
  renders++;
  const [, again] = useState(0);
  const { status, error } = usePrediction(unsteady as never, { x: 3, extra: [] } as never, options as never);
  return (
    <button type="button" onClick={() => again((n) => n + 1)}>{`${status}:${(error as { message?: string })?.message ?? "-"}`}</button>
  );
}

function Powers(): ReactElement {
  const [start] = useState(() => ({ x: 1 }));
  const [next, setNext] = useState(start);
  const { data } = usePrediction(double, next);
  if (data !== undefined && data.y < 2 ** 40 && next.x !== data.y) setNext({ x: data.y });
  return <output>{String(data?.y)}</output>;
}

function Both(): ReactElement {
  const byName = usePrediction<typeof double>("double", input(1));
  const bySpec = usePrediction({ definition: double, source: "m.onnx" }, input(2));
  return <output>{`${byName.data?.y},${bySpec.data?.y}`}</output>;
}

function Unknown(): ReactElement {
  latest = usePrediction(other, { x: 1 });
  return <output>{latest.status}</output>;
}

beforeEach(() => {
  runtime = fakeRuntime();
  renders = 0;
});
afterEach(cleanup);

describe("an input", () => {
  it("is predicted when it appears and when it is another one", async () => {
    const { rerender } = render(<App given={input(3)} />);
    await shows("success:6");
    expect(latest).toMatchObject({ device: "cpu", error: undefined, fetchStatus: "idle", id: expect.any(String) });
    expect(latest.timings?.totalMs).toBeGreaterThanOrEqual(0);
    rerender(<App given={input(3)} />);
    rerender(<App given={input(4)} />);
    await shows("success:8");
    expect(runtime.backend.runs).toHaveLength(2);
    expect(runtime.loads).toHaveLength(1);
  });

  it("counts by reference: the same content in a new object is predicted again", async () => {
    const { rerender } = render(<App given={{ x: 3 }} />);
    await shows("success:6");
    rerender(<App given={{ x: 3 }} />);
    await waitFor(() => expect(runtime.backend.runs).toHaveLength(2));
    await shows("success:6");
  });

  it("is never shown beside the answer or the error of the one before as if that were its own", async () => {
    const wrong: string[] = [];
    const page = (given: Input | undefined): ReactElement => (
      <Provided>
        <Paired given={given} wrong={wrong} />
      </Provided>
    );
    const { rerender } = render(page(input(1)));
    for (const x of [2, 3, 4]) {
      await shows(`success:${2 * x - 2}`);
      rerender(page(input(x)));
    }
    await shows("success:8");
    rerender(page(undefined));
    expect(wrong).toEqual([]);
    rerender(page({ x: "1" } as never));
    await shows("error:-");
    wrong.length = 0;
    rerender(page(input(5)));
    await shows("success:10");
    expect(wrong).toEqual([]);
  });

  it("counts by inputKey where there is one, a value or a function", async () => {
    const { rerender } = render(<App given={{ x: 3 }} options={{ inputKey: "three" }} />);
    await shows("success:6");
    rerender(<App given={{ x: 4 }} options={{ inputKey: "three" }} />);
    rerender(<App given={{ x: 5 }} options={{ inputKey: "five" }} />);
    await shows("success:10");
    rerender(<App given={{ x: 6 }} options={{ inputKey: ({ x }) => x }} />);
    await shows("success:12");
    rerender(<App given={{ x: 6 }} options={{ inputKey: ({ x }) => x }} />);
    expect(runtime.backend.runs).toHaveLength(3);
  });

  it("that is undefined is idle, and makes what is under way end", async () => {
    const { rerender } = render(<App />);
    expect(text()).toBe("idle:-");
    expect(runtime.loads).toHaveLength(0);
    rerender(<App given={input(1)} />);
    await shows("success:2");
    runtime.backend.hold(true);
    rerender(<App given={input(2)} />);
    await shows("pending:2 stale");
    rerender(<App />);
    await shows("idle:-");
    runtime.backend.hold(false);
    runtime.backend.release();
    rerender(<App given={input(2)} />);
    await shows("success:4");
  });

  it("waits while it is not enabled", async () => {
    const { rerender } = render(<App given={input(1)} options={{ enabled: false }} />);
    expect(text()).toBe("idle:-");
    await act(async () => expect(await latest.predict({ x: 5 })).toEqual({ y: 10 }));
    expect(text()).toBe("success:10");
    rerender(<App given={input(1)} />);
    await shows("success:2");
  });

  it("waits for debounceMs without another one", async () => {
    const options = { debounceMs: 100 };
    const { rerender } = render(<App given={input(1)} options={options} />);
    expect(latest).toMatchObject({ status: "pending", fetchStatus: "queued" });
    await pass(99);
    rerender(<App given={input(2)} options={options} />);
    await pass(99);
    expect(runtime.backend.runs).toHaveLength(0);
    await pass(1);
    await shows("success:4");
    expect(runtime.backend.runs).toHaveLength(1);
    rerender(<App given={input(3)} options={options} />);
    expect(text()).toBe("pending:4 stale");
    await act(async () => expect(await latest.predict({ x: 9 })).toEqual({ y: 18 }));
    await pass(1000);
    expect(text()).toBe("success:18");
  });

  it("that waits while it is disabled is predicted once it is enabled again", async () => {
    const { rerender } = render(<App given={input(1)} options={{ debounceMs: 100 }} />);
    await pass(50);
    rerender(<App given={input(1)} options={{ debounceMs: 100, enabled: false }} />);
    expect(text()).toBe("idle:-");
    await pass(1000);
    rerender(<App given={input(1)} options={{ debounceMs: 100 }} />);
    await pass(100);
    await shows("success:2");
  });

  it("in mode reject, is predicted after a call that was made while it waited", async () => {
    const options = { mode: "reject", debounceMs: 100 } as const;
    render(<App given={input(1)} options={options} />);
    runtime.backend.hold(true);
    act(() => void latest.predict({ x: 9 }));
    await waitFor(() => expect(runtime.backend.runs).toHaveLength(1));
    await pass(100);
    runtime.backend.hold(false);
    await act(async () => runtime.backend.release());
    await pass(100);
    await shows("success:2");
  });

  it("that comes while another is under way takes its place, whose answer never shows", async () => {
    const { rerender } = render(<App given={input(1)} />);
    await shows("success:2");
    runtime.backend.hold(true);
    let stale: Promise<unknown> = Promise.resolve();
    act(() => {
      stale = rejection(latest.predict({ x: 50 }));
    });
    expect(text()).toBe("pending:2 stale");
    rerender(<App given={input(7)} />);
    expect(await stale).toMatchObject({ name: "AbortError" });
    runtime.backend.hold(false);
    await act(async () => runtime.backend.release());
    await shows("success:14");
  });

  it("in mode reject, of those that come meanwhile the last is predicted afterwards", async () => {
    runtime.backend.hold(true);
    const options = { mode: "reject" } as const;
    const { rerender } = render(<App given={input(1)} options={options} />);
    await waitFor(() => expect(runtime.backend.runs).toHaveLength(1));
    for (const x of [2, 3, 4]) rerender(<App given={input(x)} options={options} />);
    expect(await rejection(latest.predict({ x: 9 }))).toMatchObject({ code: "QUEUE_FULL" });
    runtime.backend.hold(false);
    await act(async () => runtime.backend.release());
    await shows("success:8");
    expect(runtime.backend.runs).toHaveLength(2);
  });

  it("in mode queue, all are predicted in order", async () => {
    const options = { mode: "queue" } as const;
    const { rerender } = render(<App given={input(1)} options={options} />);
    for (const x of [2, 3, 4]) rerender(<App given={input(x)} options={options} />);
    await shows("success:8");
    expect(runtime.backend.runs.map(({ feeds }) => feeds["x"]?.data[0])).toEqual([1, 2, 3, 4]);
  });
});

describe("an input that each render makes anew", () => {
  const button = (): HTMLElement => screen.getByRole("button");

  it("as a literal of the same parts is predicted once", async () => {
    render(
      <Provided>
        <Literal />
      </Provided>,
    );
    await shows("success:6");
    expect(runtime.backend.runs).toHaveLength(1);
  });

  it("with parts made anew ends in an error that names inputKey, however the mode, and goes on when something else renders", async () => {
    for (const mode of ["latest", "queue", "reject"] as const) {
      renders = 0;
      const { unmount } = render(<Unsteady options={{ mode }} />);
      await waitFor(() => expect(button().textContent).toMatch(/^error:option "inputKey"/));
      expect(renders).toBeLessThan(90);
      const before = renders;
      await act(async () => button().click());
      await waitFor(() => expect(button().textContent).toMatch(/^error:option "inputKey"/));
      expect(renders).toBeGreaterThan(before);
      unmount();
    }
  });

  it("or with debounceMs, ends there too", async () => {
    render(<Unsteady options={{ debounceMs: 10 }} />);
    for (let i = 0; i < 40; i++) await pass(10);
    expect(button().textContent).toMatch(/^error:option "inputKey"/);
    const { length } = runtime.backend.runs;
    await pass(1000);
    expect(runtime.backend.runs).toHaveLength(length);
  });

  it("with an inputKey is predicted once", async () => {
    render(<Unsteady options={{ inputKey: 3 }} />);
    await waitFor(() => expect(button().textContent).toBe("success:-"));
    expect(runtime.backend.runs).toHaveLength(1);
  });

  it("from the answer before is no mistake", async () => {
    render(
      <Provided>
        <Powers />
      </Provided>,
    );
    await shows(String(2 ** 40));
  });
});

describe("usePrediction", () => {
  it("loads nothing before it is asked, and predicts on demand with the same functions on every render", async () => {
    render(<App />);
    const { predict, cancel, reset } = latest;
    await act(async () => expect(await predict({ x: 5 })).toEqual({ y: 10 }));
    expect(text()).toBe("success:10");
    expect(latest).toMatchObject({ predict, cancel, reset });
    act(() => reset());
    expect(text()).toBe("idle:-");
  });

  it("shows a failed load, and tries it anew for the first input a second later, or two", async () => {
    runtime.failures = 2;
    const { rerender } = render(<App given={input(1)} />);
    await shows("error:-");
    for (const [x, loads] of [
      [2, 1],
      [3, 2],
      [4, 2],
    ] as const) {
      rerender(<App given={input(x)} />);
      await pass(500);
      await shows("error:-");
      expect(latest.error).toMatchObject({ message: "no network" });
      expect(runtime.loads).toHaveLength(loads);
      await pass(500);
    }
    rerender(<App given={input(5)} />);
    await shows("success:10");
    expect(runtime.loads).toHaveLength(3);
  });

  it("tries a failed load at once where it is called by hand, and once for all calls in a queue", async () => {
    runtime.failures = 2;
    render(<App given={input(1)} options={{ mode: "queue" }} />);
    await shows("error:-");
    await act(async () => {
      const calls = [2, 3, 4].map((x) => rejection(latest.predict({ x })));
      expect(await Promise.all(calls)).toEqual(calls.map(() => expect.objectContaining({ message: "no network" })));
    });
    expect(runtime.loads).toHaveLength(2);
    await act(async () => expect(await latest.predict({ x: 5 })).toEqual({ y: 10 }));
  });

  it("throws to the error boundary what it is told to", async () => {
    runtime.failures = 9;
    const console_ = console.error;
    console.error = () => undefined;
    try {
      const app = (throwOnError: UsePredictionOptions<Input>["throwOnError"], x: number): ReactElement => (
        <Provided>
          <Boundary>
            <Show given={input(x)} options={{ throwOnError }} />
          </Boundary>
        </Provided>
      );
      const { rerender } = render(app(() => false, 1));
      await shows("error:-");
      rerender(app(true, 1));
      await shows("thrown:Error: no network");
    } finally {
      console.error = console_;
    }
  });

  it("takes a name, or a spec made anew on each render", async () => {
    render(
      <Provided>
        <Both />
      </Provided>,
    );
    await shows("2,4");
    expect(runtime.loads).toHaveLength(1);
  });

  it("aborts when its component goes, and the model is closed when the provider does", async () => {
    runtime.backend.hold(true);
    const { rerender, unmount } = render(<App given={input(1)} />);
    await waitFor(() => expect(runtime.backend.runs).toHaveLength(1));
    const queued = rejection(latest.predict({ x: 2 }));
    rerender(<Provided />);
    expect(await queued).toMatchObject({ name: "AbortError" });
    runtime.backend.hold(false);
    runtime.backend.release();
    expect(runtime.backend.openSessions()).toBe(1);
    unmount();
    await waitFor(() => expect(runtime.backend.openSessions()).toBe(0));
  });

  it("survives strict mode with one load and one run", async () => {
    const { unmount } = render(
      <StrictMode>
        <App given={input(3)} />
      </StrictMode>,
    );
    await shows("success:6");
    expect(runtime.loads).toHaveLength(1);
    expect(runtime.backend.runs).toHaveLength(1);
    unmount();
    await waitFor(() => expect(runtime.backend.openSessions()).toBe(0));
  });

  it("says what is missing: a provider, or the model's entry in it", async () => {
    expect(() => renderToString(<Show />)).toThrow(/PredictorProvider/);
    render(
      <Provided>
        <Unknown />
      </Provided>,
    );
    await shows("error");
    expect(latest.error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining('"other"') });
  });
});
