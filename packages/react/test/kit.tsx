import { createPredictor, type Definition, defineModel, type LoadProgress, type Predictor, tensor } from "@predikt/core";
import { type FakeBackend, FakeClock, fakeBackend } from "@predikt/core/testing";
import { Component, type ReactNode } from "react";
import { z } from "zod";

/** A model that doubles. */
export const double: Definition<{ x: number }, { y: number }> = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 1 },
});

/** A runtime for one test. */
export interface Runtime {
  readonly backend: FakeBackend;
  readonly clock: FakeClock;
  /** The signal of each load so far. */
  readonly loads: AbortSignal[];
  /** Loads that fail before one succeeds. */
  failures: number;
  /** Set: loads wait for it. */
  gate: Promise<void> | undefined;
  readonly phases: LoadProgress["phase"][];
  readonly create: <Input, Output>(
    definition: Definition<Input, Output>,
    options: { source: string; signal?: AbortSignal | undefined; onProgress?: ((progress: LoadProgress) => void) | undefined },
  ) => Promise<Predictor<Input, Output>>;
}

/** Makes a {@link Runtime} over a fake backend. */
export function fakeRuntime(): Runtime {
  const backend = fakeBackend();
  const runtime: Runtime = {
    backend,
    clock: new FakeClock(),
    loads: [],
    failures: 0,
    gate: undefined,
    phases: [],
    async create(definition, options) {
      runtime.loads.push(options.signal as AbortSignal);
      for (const phase of runtime.phases) options.onProgress?.({ phase, loaded: 1, total: 2, ratio: 0.5 });
      await runtime.gate;
      if (runtime.loads.length <= runtime.failures) throw new Error("no network");
      // An AbortSignal is passed on only where the test does not abort loads itself.
      return createPredictor(definition, { source: options.source, backend, warmup: false });
    },
  };
  return runtime;
}

/** A promise and its resolve function. */
export function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** What a promise is rejected with. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it resolved",
    (error: unknown) => error,
  );
}

/** Shows the code of what is thrown below it. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly error?: unknown }> {
  override state: { readonly error?: unknown } = {};
  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }
  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? (
      this.props.children
    ) : (
      <output>{`thrown:${(error as { code?: string; message: string }).code ?? error}`}</output>
    );
  }
}
