export type { GoldenEntry, ModelManifest } from "./manifest.ts";
export { openRepository } from "./open-repository.ts";
export type { Repository, RepositoryMode, RepositoryModel, RepositoryOptions, RepositoryWarning } from "./options.ts";
