import { ModelError } from "../errors/index.ts";
import { bytesOf, type Known, knownSparse, knownTensor } from "./known.ts";
import { loopOutputs } from "./loops.ts";
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto } from "./proto.ts";
import { Budget } from "./rules/operation.ts";
import { hasRule, makesFromSize, outputsOf } from "./rules/rules.ts";
import { Scope, unknown } from "./scope.ts";
import { isStandard, nodeText, subgraphs } from "./walk.ts";

/** How much a model may ask for. */
export interface AllocationLimits {
  readonly maxTensorBytes: number;
  readonly maxNodes: number;
  readonly maxDepth: number;
  /** Bytes of the model and of its external data. */
  readonly fileBytes: number;
}

/** How many times what is in the file may be made of it: weights of 4 bits that are made floats again grow by 8. */
const growth = 16;

/**
 * Refuses models that ask for more memory than they may, as far as the file tells: a kilobyte of it can ask for a terabyte. Goes through the model as a
 * runtime would, with shapes instead of tensors, and computes the small constants from which shapes are put together.
 *
 * @throws ModelError MODEL_REFUSED, or MODEL_INVALID where nodes are not in order
 */
export function checkAllocations(model: ModelProto, limits: AllocationLimits): void {
  if (model.graph !== undefined) new Interpreter(model, limits).enter(model.graph, new Scope(), undefined, 0);
}

/** A node of a function counts as another for so many things that it lists. */
const perNode = 100;

class Interpreter {
  readonly #limits: AllocationLimits;
  readonly #functions = new Map<string, FunctionProto>();
  readonly #budget = new Budget();
  /** What calls may leave out, by function. */
  readonly #defaults = new Map<FunctionProto, ReadonlyMap<string, AttributeProto>>();
  #made = 0;
  #nodes = 0;

  constructor(model: ModelProto, limits: AllocationLimits) {
    this.#limits = limits;
    for (const definition of model.functions) {
      const name = functionName(definition, definition.name);
      if (this.#functions.has(name))
        throw new ModelError("MODEL_INVALID", `function "${definition.name.slice(0, 200)}": expected one definition, got two`);
      this.#functions.set(name, definition);
      this.#defaults.set(definition, byName(definition.attributeProto));
    }
  }

  /** Goes through a graph. @param given What is known of its inputs; undefined for the model's own, whose types tell. */
  enter(graph: GraphProto, scope: Scope, given: readonly Known[] | undefined, depth: number): readonly Known[] {
    if (scope.attributes !== undefined) this.#work(Math.floor((graph.initializer.length + graph.input.length) / perNode));
    for (const tensor of graph.initializer) {
      scope.announce(tensor.name);
      scope.set(tensor.name, knownTensor(tensor));
    }
    for (const sparse of graph.sparseInitializer) {
      const name = sparse.values?.name ?? "";
      scope.announce(name);
      scope.set(name, knownSparse(sparse));
      this.#count(bytesOf(knownSparse(sparse)), true, () => `sparse tensor "${name.slice(0, 200)}"`);
    }
    for (const [at, input] of graph.input.entries()) {
      if (!scope.has(input.name)) scope.set(input.name, given?.[at] ?? declared(input));
    }
    this.#run(graph.node, scope, depth);
    return graph.output.map(({ name }) => scope.get(name) ?? unknown);
  }

  #run(nodes: readonly NodeProto[], scope: Scope, depth: number): void {
    for (const { output } of nodes) for (const name of output) scope.announce(name);
    for (const written of nodes) {
      const node = withAttributes(written, scope);
      this.#work(scope.attributes === undefined ? 1 : 1 + Math.floor(sizeOf(node) / perNode));
      if (depth > this.#limits.maxDepth)
        throw this.#refused(nodeText(node), `at most ${this.#limits.maxDepth} graphs and functions within one another`, depth);
      const inputs = node.input.map((name) => scope.get(name, node));
      const outputs = this.#outputs(node, inputs, scope, depth);
      for (const [at, name] of node.output.entries()) scope.set(name, outputs[at] ?? unknown);
      if (node.opType === "Constant" && isStandard(node.domain) && node.attribute[0]?.sparseTensor === undefined) continue;
      // What a graph or a function gives has been counted inside it.
      const counted = subgraphs(node).length > 0 || this.#isCall(node);
      for (const output of outputs) this.#count(bytesOf(output), !counted && isMade(node, output, inputs), () => nodeText(node));
    }
  }

  #outputs(node: NodeProto, inputs: readonly (Known | undefined)[], scope: Scope, depth: number): readonly Known[] {
    const called = this.#isCall(node) ? this.#call(node, inputs, depth) : undefined;
    const graphs = subgraphs(node);
    if (graphs.length > 0) return loopOutputs(node, inputs, (graph, given) => this.enter(graph, new Scope(scope), given, depth + 1));
    // A runtime takes its own operator where it has one, whatever the file says of it.
    return called !== undefined && !hasRule(node) ? called : outputsOf(node, inputs, this.#budget);
  }

  #isCall(node: NodeProto): boolean {
    return this.#functions.has(functionName(node, node.opType));
  }

  #call(node: NodeProto, inputs: readonly (Known | undefined)[], depth: number): readonly Known[] {
    const definition = this.#functions.get(functionName(node, node.opType)) as FunctionProto;
    const given = byName(node.attribute);
    const scope = new Scope(undefined, { get: (name) => given.get(name) ?? this.#defaults.get(definition)?.get(name) });
    for (const [at, name] of definition.input.slice(0, inputs.length).entries()) scope.set(name, inputs[at]);
    this.#run(definition.node, scope, depth + 1);
    return definition.output.slice(0, node.output.length).map((name) => scope.get(name) ?? unknown);
  }

  /** A small file can have work without end in functions that call functions. */
  #work(nodes: number): void {
    const { maxNodes } = this.#limits;
    this.#nodes += nodes;
    if (this.#nodes > maxNodes)
      throw this.#refused("the model", `at most ${maxNodes} nodes, those of functions counted at each call`, this.#nodes);
  }

  #count(bytes: number, made: boolean, where: () => string): void {
    const { maxTensorBytes, fileBytes } = this.#limits;
    if (bytes > maxTensorBytes) throw this.#refused(where(), `a tensor of at most ${maxTensorBytes} bytes (maxTensorBytes)`, bytes);
    if (!made) return;
    this.#made += bytes;
    const allowed = maxTensorBytes + growth * fileBytes;
    if (this.#made > allowed)
      throw this.#refused(where(), `at most ${allowed} bytes to be made out of constants, by all nodes together`, this.#made);
  }

  #refused(where: string, expected: string, received: number): ModelError {
    return new ModelError("MODEL_REFUSED", `${where}: expected ${expected}, got ${received}`, { details: { received } });
  }
}

/** Whether an output counts against what all nodes may make: it is of constants alone, or far larger than what it was made of. */
function isMade(node: NodeProto, output: Known, inputs: readonly (Known | undefined)[]): boolean {
  if (output.constant) return true;
  const given = inputs.reduce((sum, input) => sum + (input === undefined ? 0 : bytesOf(input)), 0);
  return makesFromSize(node) && bytesOf(output) > growth * given;
}

function functionName({ domain, overload }: { readonly domain: string; readonly overload: string }, name: string): string {
  return JSON.stringify([isStandard(domain) ? "" : domain, name, overload]);
}

function byName(attributes: readonly AttributeProto[]): ReadonlyMap<string, AttributeProto> {
  return new Map(attributes.map((attribute) => [attribute.name, attribute]));
}

/** How many things a node lists. */
function sizeOf({ input, output, attribute }: NodeProto): number {
  return attribute.reduce(
    (sum, { ints, floats, strings }) => sum + ints.length + floats.length + strings.length,
    input.length + output.length + attribute.length,
  );
}

/** A node of a function with the attributes that it takes from the call. */
function withAttributes(node: NodeProto, { attributes }: Scope): NodeProto {
  if (attributes === undefined || !node.attribute.some(({ refAttrName }) => refAttrName !== "")) return node;
  const attribute = node.attribute.flatMap((written) => {
    if (written.refAttrName === "") return [written];
    const given = attributes.get(written.refAttrName);
    return given === undefined ? [] : [{ ...given, name: written.name }];
  });
  return { ...node, attribute };
}

/** What a graph says of its input; a free dimension is taken for 1, as the smallest input would have it. */
function declared({ type }: ValueInfoProto): Known {
  if (type?.value.case !== "tensorType") return unknown;
  const { elemType, shape } = type.value.value;
  const dims = shape?.dim.map(({ value }) => (value.case === "dimValue" && value.value >= 0n ? Number(value.value) : 1));
  return { dataType: elemType, dims, constant: false };
}
