import { useModel } from "@predikt/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Line, readText } from "./read-text.ts";
import { type TextPlace, textModels } from "./text-models.ts";

/** Reading as state. */
interface Reading {
  readonly status: "idle" | "reading" | "done" | "error";
  readonly lines: readonly Line[];
  readonly error: unknown;
  /** Milliseconds that the last reading took, the models' load left out. */
  readonly ms: number | undefined;
}

const idle = { status: "idle", lines: [], error: undefined, ms: undefined } as const;

/** Reads the text of images. The models are loaded when the first is to be read. */
export function useTextReader(place: TextPlace) {
  const detector = useModel(textModels[place].detector);
  const recogniser = useModel(textModels[place].recogniser);
  const [state, setState] = useState<Reading>(idle);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const reset = useCallback(() => {
    running.current?.abort();
    setState(idle);
  }, []);
  const { load: loadDetector } = detector;
  const { load: loadRecogniser } = recogniser;
  const read = useCallback(
    async (image: ImageBitmap) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const { signal } = controller;
      const show = (change: Partial<Reading>): void => {
        if (!signal.aborted) setState((before) => ({ ...before, ...change }));
      };
      show({ ...idle, status: "reading" });
      try {
        const [first, second] = await Promise.all([loadDetector(), loadRecogniser()]);
        const started = performance.now();
        await readText(image, { detector: first, recogniser: second }, { signal, onLines: (lines) => show({ lines }) });
        show({ status: "done", ms: performance.now() - started });
      } catch (error) {
        show({ status: "error", error });
      }
    },
    [loadDetector, loadRecogniser],
  );
  return { detector, recogniser, ...state, read, reset };
}
