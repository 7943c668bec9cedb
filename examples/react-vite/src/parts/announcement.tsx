import { type ReactElement, useEffect, useState } from "react";

/** Tells a screen reader what has changed, once it has stayed so for a moment: a text that changes with every stroke is noise. */
export function Announcement({ children }: { readonly children: string }): ReactElement {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(children), 700);
    return () => clearTimeout(timer);
  }, [children]);
  return (
    <p className="for-ears" role="status" aria-live="polite">
      {said}
    </p>
  );
}
