import { ModelError } from "../errors/index.ts";
import type { Known } from "./known.ts";
import type { AttributeProto, NodeProto } from "./proto.ts";
import { nodeText } from "./walk.ts";

interface Attributes {
  get(name: string): AttributeProto | undefined;
}

/** Marks a name that a node further down gives. */
const pending = Symbol("pending");

/** The values that a graph's nodes can name: its own, and those of the graphs around it. Looking up costs no more than the graphs are deep. */
export class Scope {
  readonly #values = new Map<string, Known | undefined | typeof pending>();
  readonly #outer: Scope | undefined;
  /** Within a function: the attributes of the call. */
  readonly attributes: Attributes | undefined;

  constructor(outer?: Scope, attributes: Attributes | undefined = outer?.attributes) {
    this.#outer = outer;
    this.attributes = attributes;
  }

  /** @throws ModelError MODEL_INVALID where the name has been given in this graph already */
  announce(name: string): void {
    if (name === "") return;
    if (this.#values.has(name))
      throw new ModelError("MODEL_INVALID", `a graph: expected each value to be given once, got "${name.slice(0, 200)}" twice`);
    this.#values.set(name, pending);
  }

  set(name: string, known: Known | undefined): void {
    if (name !== "") this.#values.set(name, known);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What is known of a value that a node takes. @throws ModelError MODEL_INVALID where it is made further down only */
  get(name: string, node?: NodeProto): Known | undefined {
    if (name === "") return undefined;
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#outer) {
      const found = scope.#values.get(name);
      if (found === pending) {
        const where = node === undefined ? "a graph" : nodeText(node);
        throw new ModelError(
          "MODEL_INVALID",
          `${where}: expected its operands to be made by nodes before it, got "${name.slice(0, 200)}" from a later one`,
        );
      }
      if (found !== undefined || scope.#values.has(name)) return found;
    }
    return unknown;
  }
}

/** A value of which nothing is known, or that depends on the model's inputs. */
export const unknown: Known = { dataType: 0, dims: undefined, constant: false };
