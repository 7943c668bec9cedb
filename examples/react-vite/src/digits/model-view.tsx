import { type ReactElement, useEffect, useRef } from "react";

/** The 28 × 28 pixels that the model is given. */
export function ModelView({ pixels }: { readonly pixels: Float32Array | undefined }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    const image = context.createImageData(28, 28);
    for (let i = 0; i < 784; i++) image.data.set([255, 255, 255, Math.round((pixels?.[i] ?? 0) * 255)], i * 4);
    context.putImageData(image, 0, 0);
  }, [pixels]);
  return (
    <figure className="model-view">
      <canvas ref={canvas} width={28} height={28} role="img" aria-label="Your drawing at 28 by 28 pixels" />
      <figcaption className="quiet">What the model sees: 28 × 28</figcaption>
    </figure>
  );
}
