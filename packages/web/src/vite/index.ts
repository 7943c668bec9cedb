export { type PrediktPlugin, type PrediktPluginOptions, predikt } from "./plugin.ts";
