import { createPredictor, type NodePredictorOptions } from "@predikt/node";
import { createProgress, showLoad } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

type FilePredictor = Awaited<ReturnType<typeof createPredictor>>;

/** Opens a model, with a bar on a terminal, which goes away again. Elsewhere nothing is said. @throws PrediktError */
export async function openFile(options: NodePredictorOptions, terminal: Terminal): Promise<FilePredictor> {
  if (!terminal.isInteractive) return createPredictor(options);
  const progress = createProgress(terminal);
  try {
    return await createPredictor({ ...options, onProgress: showLoad(progress, options.name ?? String(options.source)) });
  } finally {
    progress.end();
  }
}
