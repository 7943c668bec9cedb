import { type KeyboardEvent, type PointerEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { drawStrokes, type PadPoint } from "./strokes.ts";
import type { Pad } from "./use-strokes.ts";

const resolution = 560;
const keyStep = 0.04;
const moves: Readonly<Record<string, PadPoint>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A square to draw on with a pointer, or with the arrow keys, Space lifting and lowering the pen. */
export function DrawingPad({
  pad,
  label,
  read,
}: {
  readonly pad: Pad;
  readonly label: string;
  /** What it reads, for small screens, where the answer is out of sight. */
  readonly read: number | undefined;
}): ReactElement {
  const { strokes, begin, extend } = pad;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pen, setPen] = useState<{ readonly at: PadPoint; readonly down: boolean } | undefined>(undefined);
  const hint = useId();

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    const paint = (): void => {
      context.clearRect(0, 0, resolution, resolution);
      drawStrokes(context, strokes, { size: resolution, lineWidth: resolution * 0.075, color: getComputedStyle(context.canvas).color });
    };
    paint();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", paint);
    return () => scheme.removeEventListener("change", paint);
  }, [strokes]);

  const down = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setPen(undefined);
    begin(pointAt(event.currentTarget, event));
  };
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { currentTarget, nativeEvent } = event;
    if (!currentTarget.hasPointerCapture(event.pointerId)) return;
    const all = nativeEvent.getCoalescedEvents?.() ?? [];
    extend((all.length > 0 ? all : [nativeEvent]).map((each) => pointAt(currentTarget, each)));
  };
  const key = (event: KeyboardEvent): void => {
    const { at, down: isDown } = pen ?? { at: [0.3, 0.2] as PadPoint, down: false };
    const direction = moves[event.key];
    if (direction !== undefined) {
      const next: PadPoint = [clamp(at[0] + direction[0] * keyStep), clamp(at[1] + direction[1] * keyStep)];
      if (isDown) extend([next]);
      setPen({ at: next, down: isDown });
    } else if (event.key === " ") {
      if (!isDown) begin(at);
      setPen({ at, down: !isDown });
    } else if (event.key === "Backspace") {
      pad.undo();
    } else if (event.key === "Delete" || event.key === "Escape") {
      pad.clear();
      setPen(undefined);
    } else return;
    event.preventDefault();
  };

  return (
    <div
      className="pad"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is drawn on with the keyboard.
      tabIndex={0}
      role="application"
      aria-roledescription="drawing pad"
      aria-label={label}
      aria-describedby={hint}
      onKeyDown={key}
      onBlur={() => setPen(undefined)}
    >
      <canvas ref={canvas} width={resolution} height={resolution} onPointerDown={down} onPointerMove={move} />
      {strokes.length === 0 && (
        <p className="invitation" aria-hidden="true">
          Draw a digit
        </p>
      )}
      {read !== undefined && (
        <span className="read" aria-hidden="true">
          {read}
        </span>
      )}
      {pen !== undefined && (
        <span className="pen" data-down={pen.down} aria-hidden="true" style={{ left: `${pen.at[0] * 100}%`, top: `${pen.at[1] * 100}%` }} />
      )}
      <p className="for-ears" id={hint}>
        With the keyboard: arrow keys move the pen, Space lowers and lifts it, Backspace takes the last stroke back, Escape clears.
      </p>
    </div>
  );
}

function pointAt(element: Element, { clientX, clientY }: { readonly clientX: number; readonly clientY: number }): PadPoint {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [clamp((clientX - left) / width), clamp((clientY - top) / height)];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
