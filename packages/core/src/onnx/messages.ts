import type { DescMessage } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import type { GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto } from "./proto.ts";

/** A message inside a model, by the name that onnx.proto gives its type, and how many graphs lie between it and the model. */
export type Found =
  | { readonly type: "onnx.GraphProto"; readonly message: GraphProto; readonly depth: number }
  | { readonly type: "onnx.NodeProto"; readonly message: NodeProto; readonly depth: number }
  | { readonly type: "onnx.TensorProto"; readonly message: TensorProto; readonly depth: number }
  | { readonly type: "onnx.SparseTensorProto"; readonly message: SparseTensorProto; readonly depth: number };

const wanted = ["onnx.GraphProto", "onnx.NodeProto", "onnx.TensorProto", "onnx.SparseTensorProto"];

interface Field {
  readonly name: string;
  readonly many: boolean;
  readonly plan: Plan;
}

/** The fields of a message type that lead to a wanted message. */
interface Plan {
  readonly type: string;
  readonly fields: Field[];
}

let modelPlan: Plan | undefined;

/**
 * Every graph, node and tensor of a model, in the file's order, a message before those inside it. The way is taken from the schema, not from a list
 * of places: a tensor in a field that nobody thought of can read a file just as well. Without recursion, since depth is the file's choice.
 */
export function* walkMessages(model: ModelProto): Generator<Found> {
  modelPlan ??= planOf(ModelProtoSchema);
  const waiting: { readonly message: unknown; readonly plan: Plan; readonly depth: number }[] = [
    { message: model, plan: modelPlan, depth: -1 },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { message, plan } = next;
    const depth = plan.type === "onnx.GraphProto" ? next.depth + 1 : next.depth;
    if (wanted.includes(plan.type)) yield { type: plan.type, message, depth: Math.max(depth, 0) } as Found;
    for (let i = plan.fields.length - 1; i >= 0; i--) {
      const field = plan.fields[i] as Field;
      const held = (message as Record<string, unknown>)[field.name];
      const inside = field.many ? (held as readonly unknown[]) : held === undefined ? [] : [held];
      for (let at = inside.length - 1; at >= 0; at--) waiting.push({ message: inside[at], plan: field.plan, depth });
    }
  }
}

function planOf(schema: DescMessage): Plan {
  const plans = new Map<string, Plan>();
  const visit = (message: DescMessage): Plan => {
    const known = plans.get(message.typeName);
    if (known !== undefined) return known;
    const plan: Plan = { type: message.typeName, fields: [] };
    plans.set(message.typeName, plan);
    for (const field of message.fields) {
      if (field.message === undefined || !leads(field.message, new Set())) continue;
      if (field.oneof !== undefined || field.fieldKind === "map")
        throw new Error(`${String(field)} is neither a message nor a list of them`);
      plan.fields.push({ name: field.localName, many: field.fieldKind === "list", plan: visit(field.message) });
    }
    return plan;
  };
  return visit(schema);
}

/** Whether a message of that type is wanted, or may have a wanted one inside. */
function leads(message: DescMessage, seen: Set<DescMessage>): boolean {
  if (wanted.includes(message.typeName)) return true;
  if (seen.has(message)) return false;
  seen.add(message);
  return message.fields.some((field) => field.message !== undefined && leads(field.message, seen));
}
