import { useCallback, useEffect, useRef, useState } from "react";
import { sampleStrokes } from "./sample-strokes.ts";
import type { PadPoint, Stroke } from "./strokes.ts";

/** What the pad holds, and what can be done with it. */
export interface Pad {
  readonly strokes: readonly Stroke[];
  /** Begins a stroke. */
  readonly begin: (point: PadPoint) => void;
  /** Goes on with the newest stroke. */
  readonly extend: (points: readonly PadPoint[]) => void;
  readonly undo: () => void;
  readonly clear: () => void;
  /** Draws a digit, a bit at a time unless the visitor wants less motion. */
  readonly drawSample: (digit: number) => void;
}

/** The strokes of a drawing pad. */
export function useStrokes(): Pad {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const frame = useRef(0);
  const stop = useCallback(() => cancelAnimationFrame(frame.current), []);
  useEffect(() => stop, [stop]);

  const begin = useCallback(
    (point: PadPoint) => {
      stop();
      setStrokes((all) => [...all, [point]]);
    },
    [stop],
  );
  const extend = useCallback((points: readonly PadPoint[]) => {
    setStrokes((all) => [...all.slice(0, -1), [...(all.at(-1) ?? []), ...points]]);
  }, []);
  const undo = useCallback(() => {
    stop();
    setStrokes((all) => all.slice(0, -1));
  }, [stop]);
  const clear = useCallback(() => {
    stop();
    setStrokes([]);
  }, [stop]);
  const drawSample = useCallback(
    (digit: number) => {
      stop();
      const sample = sampleStrokes(digit);
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return setStrokes(sample);
      const total = sample.flat().length;
      const step = (count: number): void => {
        setStrokes(firstPoints(sample, count));
        if (count < total) frame.current = requestAnimationFrame(() => step(count + 1));
      };
      step(1);
    },
    [stop],
  );
  return { strokes, begin, extend, undo, clear, drawSample };
}

function firstPoints(strokes: readonly Stroke[], count: number): Stroke[] {
  let left = count;
  const part: Stroke[] = [];
  for (const stroke of strokes) {
    if (left <= 0) break;
    part.push(stroke.slice(0, left));
    left -= stroke.length;
  }
  return part;
}
