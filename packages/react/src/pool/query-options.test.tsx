import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { double, fakeRuntime, type Runtime, rejection } from "../../test/kit.tsx";
import { createModelPool, type ModelPool, predictionQueryOptions } from "../index.ts";

let runtime: Runtime;
let pool: ModelPool;
let client: QueryClient;

function Answer({ x }: { readonly x: number }): ReactElement {
  const { data, status } = useQuery(predictionQueryOptions(pool, double, { x }));
  return <output>{`${status}:${data?.y ?? "-"}`}</output>;
}
const page = (x: number): ReactElement => (
  <QueryClientProvider client={client}>
    <Answer x={x} />
  </QueryClientProvider>
);
const shows = (text: string): Promise<void> => waitFor(() => expect(screen.getByRole("status").textContent).toBe(text));

beforeEach(() => {
  runtime = fakeRuntime();
  pool = createModelPool({ create: runtime.create, models: { double: { definition: double, source: "m.onnx" } }, clock: runtime.clock });
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
});
afterEach(() => {
  cleanup();
  client.clear();
});

it("is a query of TanStack Query: shared, kept, and predicted once per input", async () => {
  const { rerender } = render(page(1));
  await shows("success:2");
  rerender(page(2));
  await shows("success:4");
  rerender(page(1));
  await shows("success:2");
  expect(runtime.backend.runs).toHaveLength(2);
  expect(await client.fetchQuery(predictionQueryOptions(pool, "double", { x: 2 }))).toEqual({ y: 4 });
  expect(runtime.backend.runs).toHaveLength(2);
  await runtime.clock.advance(300_000);
  expect(runtime.backend.openSessions()).toBe(0);
});

it("is aborted with its query", async () => {
  runtime.backend.hold(true);
  const options = predictionQueryOptions(pool, double, { x: 1 });
  const answer = rejection(client.fetchQuery(options));
  await waitFor(() => expect(runtime.backend.runs).toHaveLength(1));
  await act(() => client.cancelQueries({ queryKey: options.queryKey }));
  expect(await answer).toMatchObject({ revert: true });
  await runtime.clock.advance(0);
  expect((await pool.handle(pool.resolve("double")).load()).stats()).toMatchObject({ aborted: 1 });
});

it("tells an error as it is", async () => {
  const error = await rejection(client.fetchQuery(predictionQueryOptions(pool, double, { x: "1" } as never)));
  expect(error).toMatchObject({ code: "INPUT_DTYPE" });
});

it("has a key of plain data by content, of typed arrays by reference, or of inputKey", () => {
  const pixels = new Float32Array(784);
  const key = (input: unknown, inputKey?: string): readonly string[] =>
    predictionQueryOptions(pool, "double", input, { inputKey }).queryKey;
  expect(key({ x: [1] })).toEqual(key({ x: [1] }));
  expect(key({ pixels })).toEqual(key({ pixels }));
  expect(key({ pixels })).not.toEqual(key({ pixels: new Float32Array(784) }));
  expect(key({ pixels }, "a")).toEqual(key({ pixels: new Float32Array(784) }, "a"));
  expect(JSON.stringify(key({ pixels })).length).toBeLessThan(200);
});
