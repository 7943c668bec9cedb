import { must } from "../tensor/index.ts";

/** A gray level, or red, green and blue: each 0 to 255. */
export type Color = number | readonly [red: number, green: number, blue: number];

/** A colour as three bytes. @throws ConfigError CONFIG_INVALID */
export function toRgb(color: Color, path = "background"): readonly [number, number, number] {
  const rgb = typeof color === "number" ? [color, color, color] : color;
  const right = Array.isArray(rgb) && rgb.length === 3 && rgb.every((level) => Number.isFinite(level) && level >= 0 && level <= 255);
  must(right, path, "a number between 0 and 255, or three of them", color);
  const [red, green, blue] = rgb as [number, number, number];
  return [Math.round(red), Math.round(green), Math.round(blue)];
}

/** Luma of ITU-R BT.601 in 16-bit fixed point, as Pillow converts to "L". */
export function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}
