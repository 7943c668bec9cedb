import type { ReactElement } from "react";
import type { Line } from "./read-text.ts";

/** The outlines of lines, over their image. */
export function Boxes({
  width,
  height,
  lines,
  active,
  onActive,
}: {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
  readonly active: number | undefined;
  readonly onActive: (line: number | undefined) => void;
}): ReactElement {
  return (
    <svg className="boxes" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {lines.map(({ corners }, i) => (
        <polygon
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place in reading order.
          key={i}
          points={corners.map((point) => point.join()).join(" ")}
          data-active={i === active}
          onPointerEnter={() => onActive(i)}
          onPointerLeave={() => onActive(undefined)}
        />
      ))}
    </svg>
  );
}
