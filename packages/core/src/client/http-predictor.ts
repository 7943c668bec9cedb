import type { Definition, Predictor, RawInputs, Tensors } from "../types/index.ts";
import type { HttpPredictorOptions } from "./options.ts";
import { HttpPredictor } from "./predictor.ts";

/**
 * A model on another Predikt server, as a predictor: the server validates, encodes, runs and decodes. It is ready at once; nothing is sent
 * before the first call, and `warmup()` fills `info` with what the server says.
 *
 * Calls made in the same tick with the same options travel as one `/batch` request; each still succeeds, fails and aborts on its own. Errors of the
 * server arrive with their class, code, details and issues. Beyond those: REMOTE_UNREACHABLE, REMOTE_STATUS, REMOTE_PROTOCOL, DEADLINE_EXCEEDED, CLOSED.
 *
 * @param model The definition that the server serves; or a model's name, or nothing for the server's default, for plain JSON and tensors.
 * @param url Where the server's routes lie, e.g. `https://app.example.com/api`; in browsers also `/api`.
 * @throws ConfigError CONFIG_INVALID
 */
export function httpPredictor<Input, Output>(
  model: Definition<Input, Output>,
  url: string | URL,
  options?: HttpPredictorOptions,
): Predictor<Input, Output>;
export function httpPredictor<Input = RawInputs, Output = Tensors>(
  model: string | undefined,
  url: string | URL,
  options?: HttpPredictorOptions,
): Predictor<Input, Output>;
export function httpPredictor(
  model: Definition<unknown, unknown> | string | undefined,
  url: string | URL,
  options: HttpPredictorOptions = {},
): unknown {
  return typeof model === "object"
    ? new HttpPredictor(model.name, model as never, url, options)
    : new HttpPredictor(model, undefined, url, options);
}
