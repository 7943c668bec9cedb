import { attributeOf } from "./attribute.ts";
import { bytesOf, intOf, type Known } from "./known.ts";
import type { GraphProto, NodeProto } from "./proto.ts";
import { untold } from "./rules/operation.ts";
import { unknown } from "./scope.ts";
import { isStandard, subgraphs } from "./walk.ts";

type Inputs = readonly (Known | undefined)[];
type Enter = (graph: GraphProto, given: readonly Known[]) => readonly Known[];

/**
 * What is known of the outputs of a node with graphs inside, each of which is gone through once. What a loop builds up from one round to the next is
 * not known: it is data.
 */
export function loopOutputs(node: NodeProto, inputs: Inputs, enter: Enter): readonly Known[] {
  const operator = isStandard(node.domain) ? node.opType : "";
  if (operator === "If") return branched(node, inputs, enter);
  const body = attributeOf(node, "body")?.g;
  if (operator === "Loop" && body !== undefined) return looped(node, body, inputs, enter);
  if (operator === "Scan" && body !== undefined) return scanned(node, body, inputs, enter);
  for (const graph of subgraphs(node)) enter(graph, []);
  return node.output.map(() => unknown);
}

function branched(node: NodeProto, [condition]: Inputs, enter: Enter): readonly Known[] {
  const [yes = [], no = []] = ["then_branch", "else_branch"].map((name) => {
    const graph = attributeOf(node, name)?.g;
    return graph === undefined ? [] : enter(graph, []);
  });
  const chosen = condition?.elements?.[0];
  if (chosen === 1 || chosen === 0) return chosen === 1 ? yes : no;
  return node.output.map((_, at) => either(yes[at] ?? unknown, no[at] ?? unknown, condition?.constant === true));
}

/** What is one of two, whichever: at its largest, and where constants choose, without the elements that differ. */
function either(a: Known, b: Known, byConstant: boolean): Known {
  const [most, least] = bytesOf(a) >= bytesOf(b) ? [a, b] : [b, a];
  const elements = most.elements?.map((element, i) => {
    const other = least.elements?.[i] ?? Number.NaN;
    return element === other || !byConstant ? Math.max(element, other) : Number.NaN;
  });
  return { ...most, elements, constant: byConstant && a.constant && b.constant };
}

/** Loop (opset 1 to 25): trip count and condition, then what is carried from round to round; the scanned outputs are stacked. */
function looped(node: NodeProto, body: GraphProto, [trips, condition, ...carried]: Inputs, enter: Enter): readonly Known[] {
  const always: Known = { dataType: 9, dims: [], elements: [1], constant: true };
  const goesOn = condition === undefined || condition.elements?.[0] === 1;
  const round: Known = { dataType: 7, dims: [], constant: false };
  const states = carried.map((state, at) => changing(state, body, at + 2));
  const [next, ...outputs] = enter(body, [round, goesOn ? always : { ...always, elements: undefined, constant: false }, ...states]);
  // Else the condition may end the loop earlier.
  const counted = goesOn && next?.elements?.[0] === 1;
  const rounds = counted ? (trips?.elements?.[0] ?? Number.NaN) : Number.NaN;
  if (counted && trips?.constant === true && Number.isNaN(rounds)) throw untold(node);
  return outputs.map((output, at) => (at < carried.length ? either(carried[at] ?? unknown, output, false) : stacked(output, rounds)));
}

/** A carried value: of its first round's type; its dims are what the body says, since later rounds may change them. */
function changing(state: Known | undefined, body: GraphProto, at: number): Known {
  const type = body.input[at]?.type?.value;
  const shape = type?.case === "tensorType" ? type.value.shape : undefined;
  const dims = shape?.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : Number.NaN));
  return { dataType: state?.dataType ?? 0, dims, constant: false };
}

/** Scan (opset 9 to 25): what is carried, then what is gone through; outputs are stacked as often. */
function scanned(node: NodeProto, body: GraphProto, inputs: Inputs, enter: Enter): readonly Known[] {
  // Opset 8 has an operand before the others, and a batch axis.
  if (body.input.length !== inputs.length) return node.output.map(() => unknown);
  const through = intOf(node, "num_scan_inputs") ?? 0;
  const carried = inputs.length - through;
  const axes = attributeOf(node, "scan_input_axes")?.ints.map(Number) ?? [];
  let rounds = Number.NaN;
  const given = inputs.map((input = unknown, at) => {
    if (at < carried) return changing(input, body, at);
    const axis = axes[at - carried] ?? 0;
    const along = axis < 0 ? axis + (input.dims?.length ?? 0) : axis;
    rounds = input.dims?.[along] ?? rounds;
    return { dataType: input.dataType, dims: input.dims?.filter((_, i) => i !== along), constant: false };
  });
  const outputs = enter(body, given);
  return outputs.map((output, at) => (at < carried ? { ...output, elements: undefined, constant: false } : stacked(output, rounds)));
}

function stacked(output: Known, rounds: number): Known {
  return { ...output, dims: output.dims && [rounds, ...output.dims], elements: undefined, constant: false };
}
