import { type DragEvent, type ReactElement, type ReactNode, useId, useState } from "react";
import { Boxes } from "./boxes.tsx";
import type { Line } from "./read-text.ts";
import type { OpenImage } from "./use-image.ts";

/** The open image with the lines that were found in it, and the ways to open another. */
export function ImageCard({
  image,
  lines,
  active,
  problem,
  onActive,
  onOpen,
  onSample,
  children,
}: {
  readonly image: OpenImage | undefined;
  readonly lines: readonly Line[];
  readonly active: number | undefined;
  readonly problem: string | undefined;
  readonly onActive: (line: number | undefined) => void;
  readonly onOpen: (file: Blob, name: string) => Promise<void>;
  readonly onSample: () => Promise<void>;
  readonly children: ReactNode;
}): ReactElement {
  const field = useId();
  const [isOver, setIsOver] = useState(false);
  const over = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(true);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) void onOpen(file, file.name);
  };
  return (
    <section className="card" aria-label="Image" onDragOver={over} onDragLeave={() => setIsOver(false)} onDrop={drop} data-over={isOver}>
      <figure className="picture">
        {image !== undefined && (
          <>
            <img src={image.url} width={image.bitmap.width} height={image.bitmap.height} alt={image.name} />
            <Boxes width={image.bitmap.width} height={image.bitmap.height} lines={lines} active={active} onActive={onActive} />
          </>
        )}
      </figure>
      <div className="buttons">
        {children}
        <input
          className="for-ears"
          id={field}
          type="file"
          accept="image/*"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) void onOpen(file, file.name);
            target.value = "";
          }}
        />
        <label className="button" htmlFor={field}>
          Choose an image
        </label>
        <button type="button" onClick={() => void onSample()}>
          Sample
        </button>
      </div>
      <p className="quiet">Or drop one here, or paste it.</p>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
