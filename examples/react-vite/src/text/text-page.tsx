import type { ReactElement } from "react";

/** Reads the text of an image. */
export default function TextPage(): ReactElement {
  return <h1>Text</h1>;
}
