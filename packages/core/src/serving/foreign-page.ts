import type { NeutralRequest } from "./neutral.ts";

/**
 * Whether a browser has sent a request for a page of another origin. It says so by itself: in `sec-fetch-site`, or to plain HTTP on another machine in
 * `origin` only. Programs say neither.
 */
export function isForeignPage(request: Pick<NeutralRequest, "header" | "origin">): boolean {
  const site = request.header("sec-fetch-site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = request.header("origin");
  // A proxy may have taken the encryption away, so that schemes differ.
  return origin !== undefined && hostOf(origin) !== hostOf(request.origin());
}

function hostOf(origin: string): string {
  return origin.slice(origin.indexOf("://") + 1).toLowerCase();
}
