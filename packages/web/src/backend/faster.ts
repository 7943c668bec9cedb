import type { Tensors } from "@predikt/core";
import type { Opened } from "./open.ts";

/** Bytes of a model that may be faster on WebAssembly: there, a run of a large one takes too long to try. */
const maxBytes = 8 * 2 ** 20;
const rounds = 3;

/** The better of two sessions, and what was measured. */
export interface Comparison {
  /** The session on WebAssembly, where it is the faster one; the other is closed then. */
  readonly opened: Opened | undefined;
  /** Milliseconds of a run by device; none where the model is too large to compare. */
  readonly measured: Readonly<Record<string, number>>;
}

/** Times a model on the GPU, and a small one on WebAssembly in the same worker too. */
export async function faster(
  opened: Opened,
  feeds: Tensors,
  { reload, limitMs }: { readonly reload: () => Promise<Opened>; readonly limitMs: number },
): Promise<Comparison> {
  const time = async ({ host, session }: Opened): Promise<number> => {
    await host.inTurn("run", { session, feeds }, { limitMs });
    return host.inTurn("time", { session, feeds, rounds }, { limitMs });
  };
  if (opened.loaded.modelBytes > maxBytes) return { opened: undefined, measured: {} };
  const webgpu = await time(opened);
  const other = await reload();
  const wasm = await time(other);
  const [keep, drop] = wasm < webgpu ? [other, opened] : [opened, other];
  await drop.host.inTurn("release", { session: drop.session }, { limitMs });
  drop.leave();
  return { opened: keep === other ? other : undefined, measured: { webgpu, wasm } };
}
