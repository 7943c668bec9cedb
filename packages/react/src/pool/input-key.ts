import { ConfigError } from "@predikt/core";

/** What stands for an input where two are compared: a string or number, or a function that gives one. */
export type InputKey<Input> = string | number | ((input: Input) => string | number);

/** New inputs, each in a render that only the prediction itself caused, after which it is taken for an endless loop. React gives up at 50. */
export const mostOwnInputs = 25;

/** What an input is compared by. */
export function keyOf<Input>(input: Input, inputKey: InputKey<Input> | undefined): unknown {
  return typeof inputKey === "function" ? inputKey(input) : (inputKey ?? input);
}

/** What is thrown where each render makes a new input. */
export function loopError(): ConfigError {
  const expected = "one, or an input from useMemo";
  return new ConfigError("inputKey", expected, `a new input in ${mostOwnInputs} renders that only the prediction caused`);
}
