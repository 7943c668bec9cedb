import { useCallback, useEffect, useState } from "react";
import sampleUrl from "./sample.png";

/** An image to read, and an address to show it by. */
export interface OpenImage {
  readonly bitmap: ImageBitmap;
  readonly url: string;
  readonly name: string;
}

/** The image that is open: the sample until the visitor opens another. */
export function useImage(onChange: () => void) {
  const [image, setImage] = useState<OpenImage | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);

  const open = useCallback(
    async (file: Blob, name: string) => {
      try {
        const bitmap = await createImageBitmap(file);
        setProblem(undefined);
        setImage((before) => {
          if (before !== undefined) URL.revokeObjectURL(before.url);
          return { bitmap, url: URL.createObjectURL(file), name };
        });
        onChange();
      } catch {
        setProblem("That is no image that this browser can open.");
      }
    },
    [onChange],
  );
  const openSample = useCallback(async () => open(await (await fetch(sampleUrl)).blob(), "The sample"), [open]);

  useEffect(() => {
    void openSample();
  }, [openSample]);
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      const file = clipboardData?.files[0];
      if (file !== undefined) void open(file, "The pasted image");
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, [open]);
  return { image, problem, open, openSample };
}
