import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { type ReactElement, StrictMode, Suspense, version } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import * as server from "react-dom/server.browser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { double, fakeRuntime, type Runtime } from "../test/kit.tsx";
import { clientOnlyDigest, isClientOnlyError, PredictorProvider, useModel, usePrediction, useSuspensePrediction } from "./index.ts";

let runtime: Runtime;
let root: Root | undefined;
const given = { x: 3 };

function Answer(): ReactElement {
  const { status, data } = usePrediction(double, given);
  const model = useModel(double, { autoLoad: true });
  return <output>{`${status}:${data?.y ?? "-"}:${model.status}`}</output>;
}
function Awaited(): ReactElement {
  return <output>{String(useSuspensePrediction(double, given).data.y)}</output>;
}
const App = ({ children }: { readonly children: ReactElement }): ReactElement => (
  <StrictMode>
    <PredictorProvider create={runtime.create} models={{ double: { definition: double, source: "m.onnx" } }} clock={runtime.clock}>
      {children}
    </PredictorProvider>
  </StrictMode>
);
const waiting = (
  <Suspense fallback={<i>waiting</i>}>
    <Awaited />
  </Suspense>
);

async function hydrate(html: string, app: ReactElement): Promise<unknown[]> {
  const errors: unknown[] = [];
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = html;
  await act(async () => {
    root = hydrateRoot(place, app, { onRecoverableError: (error) => errors.push(error) });
  });
  return errors;
}

beforeEach(() => {
  runtime = fakeRuntime();
});
afterEach(async () => {
  await act(async () => root?.unmount());
  root = undefined;
  document.body.innerHTML = "";
  cleanup();
});

describe("on a server", () => {
  it("everything is idle and nothing is loaded; the browser takes over without a complaint and loads once", async () => {
    const app = (
      <App>
        <Answer />
      </App>
    );
    const html = server.renderToString(app);
    expect(html).toContain("idle:-:idle");
    expect({ loads: runtime.loads.length, timers: runtime.clock.pending }).toEqual({ loads: 0, timers: 0 });
    const errors = await hydrate(html, app);
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("success:6:ready"));
    expect(errors).toEqual([]);
    expect(runtime.loads).toHaveLength(1);
    expect(runtime.backend.runs).toHaveLength(1);
  });

  it("what waits for a prediction is streamed as its fallback, and the browser goes on", async () => {
    const told: unknown[] = [];
    const stream = await server.renderToReadableStream(<App>{waiting}</App>, {
      onError: (error) => {
        told.push(error);
        return isClientOnlyError(error) ? (error as { digest?: string }).digest : undefined;
      },
    });
    const html = await new Response(stream).text();
    expect(html).toContain("waiting");
    expect(told.map(isClientOnlyError)).toEqual([true]);
    expect(told[0]).toMatchObject({ code: "NOT_READY", digest: clientOnlyDigest });
    expect(runtime.loads).toHaveLength(0);

    const errors = await hydrate(html, <App>{waiting}</App>);
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("6"));
    expect(errors.map(isClientOnlyError)).toEqual([true]);
    expect(runtime.loads).toHaveLength(1);
    expect(runtime.backend.runs).toHaveLength(1);
  });

  it("an error of another kind is not taken for that", () => {
    expect([new Error("other"), undefined, "text", { digest: "x" }].map(isClientOnlyError)).toEqual([false, false, false, false]);
  });

  it(`renders with React ${version}`, () => {
    expect(server.version).toBe(version);
  });
});
