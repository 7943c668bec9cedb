import { ModelError } from "../../errors/index.ts";
import { attributeOf } from "../attribute.ts";
import { countOf, intOf, isWhole, type Known, maxElements } from "../known.ts";
import type { AttributeProto, NodeProto } from "../proto.ts";
import { nodeText } from "../walk.ts";

/** What a rule says of an output. Whether it is constant follows from the operands. */
export type Made = Omit<Known, "constant">;

/**
 * What an operator makes of its operands: its first output, or all of them. Undefined where that cannot be told.
 * The rules are the shape inference of ONNX's operator documents (opset 1 to 25), kept to what decides how large an output is.
 */
export type Rule = (operation: Operation) => Made | readonly (Made | undefined)[] | undefined;

/** How many elements of constants are computed at most, for one model: more are not known, so that a check's own work is bounded. */
export class Budget {
  elements: number = 4 << 20;
}

/** A node and what is known of its operands. */
export class Operation {
  readonly node: NodeProto;
  /** Undefined for an operand that is left out. */
  readonly inputs: readonly (Known | undefined)[];
  readonly #budget: Budget;

  constructor(node: NodeProto, inputs: readonly (Known | undefined)[], budget: Budget) {
    this.node = node;
    this.inputs = inputs;
    this.#budget = budget;
  }

  /** The element type of an operand. */
  dataType(at = 0): number {
    return this.inputs[at]?.dataType ?? 0;
  }

  /**
   * The dims of an operand that has a part in how large the output is; undefined where that depends on the model's inputs.
   *
   * @throws ModelError MODEL_REFUSED where it depends on constants alone, and yet cannot be told
   */
  shape(at = 0): readonly number[] | undefined {
    const operand = this.inputs[at];
    if (operand?.constant === true && !isWhole(operand.dims)) throw untold(this.node);
    return operand?.dims;
  }

  /**
   * The elements of an operand that decide how large the output is: NaN for one that depends on the model's inputs, undefined where not even their
   * number can be told.
   *
   * @throws ModelError MODEL_REFUSED where they depend on constants alone, and yet cannot be told
   */
  sizes(at: number): readonly number[] | undefined {
    const operand = this.inputs[at];
    if (operand === undefined) return undefined;
    const { elements, dims, constant } = operand;
    if (constant && (elements === undefined || elements.some(Number.isNaN))) throw untold(this.node);
    if (elements !== undefined) return elements;
    return isWhole(dims) && countOf(dims) <= maxElements ? new Array<number>(countOf(dims)).fill(Number.NaN) : undefined;
  }

  /** The elements of an operand, where they are known and few enough to be worked with. */
  elements(at = 0): readonly number[] | undefined {
    return this.inputs[at]?.elements;
  }

  /** Whether that many elements may still be computed. */
  affords(count: number): boolean {
    if (!Number.isInteger(count) || count > maxElements || this.#budget.elements < count) return false;
    this.#budget.elements -= count;
    return true;
  }

  attribute(name: string): AttributeProto | undefined {
    return attributeOf(this.node, name);
  }

  int(name: string): number | undefined {
    return intOf(this.node, name);
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name)?.ints.map(Number);
  }

  text(name: string): string | undefined {
    const bytes = this.attribute(name)?.s;
    return bytes && new TextDecoder().decode(bytes);
  }

  /** An axis of 0 or more. */
  axis(name: string, fallback: number, rank: number): number {
    const axis = this.int(name) ?? fallback;
    return axis < 0 ? axis + rank : axis;
  }
}

/** The error for a size that constants alone decide, and that cannot be computed from the file. */
export function untold(node: NodeProto): ModelError {
  return new ModelError(
    "MODEL_REFUSED",
    `${nodeText(node)}: expected the size of what it makes out of constants to be told by the file, got one that cannot be computed from it`,
    { details: { opType: node.opType } },
  );
}
