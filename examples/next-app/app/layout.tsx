import type { Metadata } from "next";
import type { ReactElement, ReactNode } from "react";
import "./style.css";

export const metadata: Metadata = { title: "Predikt in Next.js" };

/** The frame of every page. */
export default function Layout({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
