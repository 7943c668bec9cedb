import { ConfigError } from "@predikt/core";

/** What stands for an input where two are compared: a string or number, or a function that gives one. */
export type InputKey<Input> = string | number | ((input: Input) => string | number);

/** What an input is compared by. */
export function keyOf<Input>(input: Input, inputKey: InputKey<Input> | undefined): unknown {
  return typeof inputKey === "function" ? inputKey(input) : (inputKey ?? input);
}

/** What is thrown where so many renders have made a new input each. */
export function loopError(renders: number): ConfigError {
  return new ConfigError("inputKey", "one, or an input from useMemo", `a new input in each of ${renders} renders`);
}
