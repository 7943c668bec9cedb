import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { type AbortLike, type AnyPredictor, type Definition, ModelError } from "@predikt/core";
import { createPredictor, type NodePredictorOptions } from "../backend/create-predictor.ts";
import { isAbsent } from "./inside.ts";
import type { VersionFolder } from "./scan.ts";
import { stampOf } from "./stamp.ts";

/** What a version is opened from. */
export interface VersionFiles {
  readonly root: string;
  readonly name: string;
  readonly version: string;
  readonly folder: VersionFolder;
  readonly file: string;
  readonly definition: Definition<unknown, unknown> | undefined;
  readonly options: Omit<NodePredictorOptions, "source">;
}

/**
 * Opens a version, whose files must be the same before and after.
 *
 * @throws What `createPredictor` throws; ModelError MODEL_INTEGRITY where the files have changed meanwhile, MODEL_NOT_FOUND where they have gone
 */
export async function openVersionFiles(
  { root, name, version, folder, file, definition, options }: VersionFiles,
  signal: AbortLike,
): Promise<AnyPredictor> {
  const shown = `${name}/${version}`;
  await mustBeSame(folder, root, shown);
  const all = { ...options, source: await modelPath(join(folder.path, file), `${shown}/${file}`), name, version, signal };
  const predictor = (definition === undefined ? await createPredictor(all) : await createPredictor(definition, all)) as AnyPredictor;
  try {
    await mustBeSame(folder, root, shown);
    return predictor;
  } catch (error) {
    await predictor.close();
    throw error;
  }
}

async function modelPath(path: string, shown: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new ModelError("MODEL_NOT_FOUND", `there is no file ${shown}`, { cause });
  }
}

async function mustBeSame({ path, stamp }: VersionFolder, root: string, shown: string): Promise<void> {
  let now: string | undefined;
  try {
    now = (await stampOf(path, root)).text;
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  if (now === stamp.text) return;
  if (now === undefined) throw new ModelError("MODEL_NOT_FOUND", `the files of ${shown} have gone`);
  throw new ModelError("MODEL_INTEGRITY", `the files of ${shown} have changed while they were read`);
}
