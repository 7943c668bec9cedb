import { act, cleanup, type RenderResult, render, screen, waitFor } from "@testing-library/react";
import { type ReactElement, StrictMode, Suspense, version } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Boundary, double, fakeRuntime, type Runtime } from "../test/kit.tsx";
import { PredictorProvider, type UseSuspensePrediction, useSuspensePrediction } from "./index.ts";

let runtime: Runtime;
let latest: UseSuspensePrediction<{ x: number }, { y: number }>;
let renders: number;
const consoleError = console.error;

function Literal({ x }: { readonly x: number }): ReactElement {
  latest = useSuspensePrediction(double, { x });
  return <output>{`${latest.status}:${latest.data.y}`}</output>;
}
function Nested({ inputKey }: { readonly inputKey?: string | undefined }): ReactElement {
  renders++;
  return <output>{useSuspensePrediction(double, { x: 3, extra: [] } as { x: number }, { inputKey }).data.y}</output>;
}
const App = ({ children }: { readonly children: ReactElement | ReactElement[] }): ReactElement => (
  <PredictorProvider create={runtime.create} models={{ double: { definition: double, source: "m.onnx" } }} clock={runtime.clock}>
    <Boundary>
      <Suspense fallback={<i>waiting</i>}>{children}</Suspense>
    </Boundary>
  </PredictorProvider>
);
const shows = (text: string): Promise<void> =>
  waitFor(() => expect(screen.getByRole("status").textContent).toBe(text), { timeout: 20_000 });
/** React 19 goes on with what suspended in an act only where the act is awaited. */
const show = (page: ReactElement): Promise<RenderResult> => act(async () => render(page));

beforeEach(() => {
  runtime = fakeRuntime();
  renders = 0;
});
afterEach(() => {
  console.error = consoleError;
  cleanup();
});

it("waits for its data, then predicts on demand like any other", async () => {
  runtime.backend.hold(true);
  const { unmount } = await show(
    <StrictMode>
      <App>
        <Literal x={3} />
      </App>
    </StrictMode>,
  );
  expect(screen.getByText("waiting")).toBeDefined();
  runtime.backend.hold(false);
  await waitFor(() => expect(runtime.backend.runs).toHaveLength(1));
  await act(async () => runtime.backend.release());
  await shows("success:6");
  expect(latest).toMatchObject({ status: "success", isStale: false, device: "cpu", id: expect.any(String) });
  await act(async () => expect(await latest.predict({ x: 5 })).toEqual({ y: 10 }));
  await shows("success:10");
  act(() => latest.reset());
  await shows("success:6");
  expect(runtime.loads).toHaveLength(1);
  expect(runtime.backend.runs).toHaveLength(2);
  unmount();
  await waitFor(() => expect(runtime.backend.openSessions()).toBe(0));
});

it("waits again for another input, and shares one answer among components", async () => {
  const page = (x: number): ReactElement => <App>{[<Literal key="a" x={x} />, <Literal key="b" x={x} />]}</App>;
  const { rerender } = await show(page(1));
  await waitFor(() => expect(screen.getAllByText("success:2")).toHaveLength(2));
  await act(async () => rerender(page(2)));
  await waitFor(() => expect(screen.getAllByText("success:4")).toHaveLength(2));
  await act(async () => rerender(page(1)));
  await waitFor(() => expect(screen.getAllByText("success:2")).toHaveLength(2));
  expect(runtime.backend.runs).toHaveLength(2);
});

it("throws an error to the boundary, and tries anew for who renders later", async () => {
  console.error = () => undefined;
  runtime.failures = 1;
  const page = (key: string): ReactElement => (
    <PredictorProvider create={runtime.create} models={{ double: { definition: double, source: "m.onnx" } }} clock={runtime.clock}>
      <Boundary key={key}>
        <Suspense fallback={<i>waiting</i>}>
          <Literal x={3} />
        </Suspense>
      </Boundary>
    </PredictorProvider>
  );
  const { rerender } = await show(page("one"));
  await shows("thrown:Error: no network");
  await act(() => runtime.clock.advance(1000));
  await act(async () => rerender(page("two")));
  await shows("success:6");
});

it("with an input whose parts are made anew ends in an error that names inputKey, unless React 19 knows the first promise again", async () => {
  console.error = () => undefined;
  await show(
    <App>
      <Nested />
    </App>,
  );
  await shows(version.startsWith("18.") ? "thrown:CONFIG_INVALID" : "6");
  expect(renders).toBeLessThan(120);
});

it("with an inputKey may be made anew", async () => {
  await show(
    <App>
      <Nested inputKey="three" />
    </App>,
  );
  await shows("6");
  expect(runtime.backend.runs).toHaveLength(1);
});

it("gives up an answer that nobody came to show", async () => {
  runtime.backend.hold(true);
  const { unmount } = await show(
    <App>
      <Literal x={3} />
    </App>,
  );
  await waitFor(() => expect(runtime.backend.runs).toHaveLength(1));
  unmount();
  runtime.backend.release();
  await act(() => runtime.clock.advance(300_000));
  expect(runtime.backend.openSessions()).toBe(0);
  expect(runtime.clock.pending).toBe(0);
});
