import { BackendError } from "@predikt/core";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { type ReactElement, StrictMode, useMemo } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { double, fakeRuntime, gate, type Runtime, rejection } from "../test/kit.tsx";
import {
  createModelPool,
  type ModelSpec,
  PredictorProvider,
  preloadModel,
  type UseModel,
  type UseModelOptions,
  useModel,
  useModelPool,
  usePrediction,
} from "./index.ts";

type Double = UseModel<{ x: number }, { y: number }>;

let runtime: Runtime;
let model: Double;
let seen: unknown;
const given = { x: 3 };

function Model({ options }: { readonly options?: UseModelOptions }): ReactElement {
  model = useModel(double, options);
  return <output>{model.status}</output>;
}
function Answer(): ReactElement {
  return <p>{String(usePrediction(double, given).data?.y)}</p>;
}

function Doubled({ x }: { readonly x: number }): ReactElement {
  const { status, data } = usePrediction(
    double,
    useMemo(() => ({ x }), [x]),
  );
  return <p>{`${status}:${data?.y}`}</p>;
}

interface Props {
  readonly spec?: Partial<ModelSpec>;
  readonly children?: ReactElement | readonly ReactElement[] | false;
}
function App({ spec, children }: Props): ReactElement {
  const models = { double: { definition: double, source: "m.onnx", ...spec } as ModelSpec };
  return (
    <PredictorProvider create={runtime.create} models={models} gcTimeMs={1000} clock={runtime.clock}>
      {children}
    </PredictorProvider>
  );
}

const shows = (text: string): Promise<void> => waitFor(() => expect(screen.getByRole("status").textContent).toBe(text));
const pass = (ms: number): Promise<void> => act(() => runtime.clock.advance(ms));

function Where(): ReactElement {
  const { choice } = useModel(double);
  const { data, device } = usePrediction(double, given);
  return <output>{`${data?.y} by ${device}: ${choice?.runsOn}, because ${choice?.because.join("; ")}`}</output>;
}

function Pool(): ReactElement {
  seen = useModelPool();
  return <Model />;
}

beforeEach(() => {
  runtime = fakeRuntime();
});
afterEach(cleanup);

it("is idle until it is asked for, then tells how far it is", async () => {
  const { promise, open } = gate();
  runtime.gate = promise;
  runtime.phases.push("download");
  render(
    <App>
      <Model />
    </App>,
  );
  expect(model).toMatchObject({ status: "idle", predictor: undefined, progress: undefined });
  act(() => void model.load());
  await shows("downloading");
  await waitFor(() => expect(model.progress).toMatchObject({ phase: "download", ratio: 0.5 }));
  runtime.phases.length = 0;
  await act(async () => open());
  await shows("ready");
  expect(model).toMatchObject({ device: "cpu", info: { name: "double" }, choice: { runsOn: "device", because: [] } });
  expect(await model.predictor?.predict({ x: 4 })).toEqual({ y: 8 });
});

it("loads by itself where it is told to, is unloaded, and loaded again by the next prediction", async () => {
  render(
    <App>
      <Model options={{ autoLoad: true }} />
    </App>,
  );
  await shows("ready");
  await act(() => model.unload());
  await shows("idle");
  expect(runtime.backend.openSessions()).toBe(0);
  await act(async () => void (await model.load()));
  await shows("ready");
  expect(runtime.loads).toHaveLength(2);
});

it("after an error is loaded again, and so are the predictions that failed for it", async () => {
  runtime.failures = 1;
  render(<App>{[<Model key="model" />, <Answer key="answer" />]}</App>);
  await shows("error");
  expect(model.error).toMatchObject({ message: "no network" });
  await act(async () => void (await model.retry()));
  await shows("ready");
  await waitFor(() => expect(screen.getByText("6")).toBeDefined());
  expect(runtime.backend.runs).toHaveLength(1);
});

it("is loaded again though data of an older prediction is shown, and so is what failed since", async () => {
  const page = (x: number): ReactElement => <App>{[<Model key="model" />, <Doubled key="doubled" x={x} />]}</App>;
  const { rerender } = render(page(3));
  await waitFor(() => expect(screen.getByText("success:6")).toBeDefined());
  await act(() => model.unload());
  runtime.failures = 2;
  rerender(page(4));
  await waitFor(() => expect(screen.getByText("error:6")).toBeDefined());
  await act(async () => void (await model.retry()));
  await waitFor(() => expect(screen.getByText("success:8")).toBeDefined());
});

it("is loaded once for all components, and stays when they come back in time", async () => {
  const page = <App>{[<Model key="model" />, <Answer key="one" />, <Answer key="two" />]}</App>;
  const { rerender } = render(<StrictMode>{page}</StrictMode>);
  await waitFor(() => expect(screen.getAllByText("6")).toHaveLength(2));
  rerender(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  await pass(999);
  rerender(<StrictMode>{page}</StrictMode>);
  await pass(5000);
  expect(runtime.backend.openSessions()).toBe(1);
  await waitFor(() => expect(screen.getAllByText("6")).toHaveLength(2));
  expect(runtime.loads).toHaveLength(1);
});

it("is closed once when nobody has used it for gcTimeMs, and loaded anew for who comes then", async () => {
  const page = (
    <App>
      <Answer />
    </App>
  );
  const { rerender } = render(page);
  await waitFor(() => expect(screen.getByText("6")).toBeDefined());
  rerender(<App />);
  await pass(1000);
  expect(runtime.backend.openSessions()).toBe(0);
  rerender(page);
  await waitFor(() => expect(screen.getByText("6")).toBeDefined());
  expect(runtime.loads).toHaveLength(2);
  expect(runtime.backend.openSessions()).toBe(1);
});

it("is another one when its spec is, and the same when only the object is", async () => {
  const page = (source: string): ReactElement => (
    <App spec={{ source, onEvent: () => undefined }}>
      <Answer />
    </App>
  );
  const { rerender } = render(page("a.onnx"));
  await waitFor(() => expect(screen.getByText("6")).toBeDefined());
  rerender(page("a.onnx"));
  expect(runtime.loads).toHaveLength(1);
  rerender(page("b.onnx"));
  await waitFor(() => expect(runtime.loads).toHaveLength(2));
  await pass(1000);
  expect(runtime.backend.openSessions()).toBe(1);
});

it("shows the server that was taken, and why not the device", async () => {
  const fetch = (): Promise<Response> => Promise.resolve(Response.json({ y: 6 }));
  const spec = {
    definition: double,
    prefer: [
      { source: "m.onnx", device: "webgpu" },
      { url: "https://app.example.com/api", fetch },
    ],
  };
  const create = (): Promise<never> => Promise.reject(new BackendError("BACKEND_UNAVAILABLE", "no adapter"));
  render(
    <PredictorProvider create={create} models={{ double: spec }} clock={runtime.clock}>
      <Where />
    </PredictorProvider>,
  );
  await shows("6 by remote: server, because webgpu: no adapter");
});

it("can be loaded ahead, from the provider's models or from a pool of the app's own, which the app closes", async () => {
  const pool = createModelPool({
    create: runtime.create,
    models: { double: { definition: double, source: "m.onnx" } },
    clock: runtime.clock,
  });
  const predictor = await preloadModel(pool, double);
  const { unmount } = render(
    <PredictorProvider pool={pool}>
      <Pool />
    </PredictorProvider>,
  );
  expect(seen).toBe(pool);
  expect(model).toMatchObject({ status: "ready", predictor });
  unmount();
  await pass(1000);
  expect(runtime.backend.openSessions()).toBe(1);
  await pool.close();
  expect(runtime.backend.openSessions()).toBe(0);
  expect(await rejection(predictor.predict({ x: 1 }))).toMatchObject({ code: "CLOSED" });
});
