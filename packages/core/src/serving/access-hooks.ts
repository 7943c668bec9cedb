import { AccessError, isPrediktError } from "../errors/index.ts";
import { must } from "../tensor/index.ts";
import type { AccessHook, AccessRequest, Leave } from "./access.ts";

/**
 * A hook that asks several in order, and allows what all of them allow. A later one sees the `caller` that an earlier one has found: first who it is, then
 * what they may, then how much.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function allOf(hooks: readonly AccessHook[]): AccessHook {
  checkHooks(hooks);
  return async (request) => {
    const entered: Leave[] = [];
    try {
      for (const hook of hooks) {
        const leave = await hook(request);
        if (leave !== undefined) entered.push(leave);
      }
    } catch (error) {
      leaveAll(entered);
      throw error;
    }
    return joined(entered);
  };
}

/**
 * A hook that allows what one of several allows, for callers that may say in several ways who they are. The next one is asked where one does not know the
 * caller (UNAUTHENTICATED); any other refusal stands. Where none knows the caller, the first one's refusal is the reply.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function anyOf(hooks: readonly AccessHook[]): AccessHook {
  checkHooks(hooks);
  return async (request) => {
    const { caller } = request;
    let first: unknown;
    for (const hook of hooks) {
      // Whom a hook has found before it refused is nobody to the next one.
      request.caller = caller;
      try {
        return await hook(request);
      } catch (error) {
        if (!isPrediktError(error, "UNAUTHENTICATED")) throw error;
        first ??= error;
      }
    }
    throw first;
  };
}

/**
 * A hook that asks for a scope: `operation:model`, either of them `*`; an operation alone, or `*` alone, stands for all models. What concerns no single model, such as
 * the list of them, needs a scope for all.
 *
 * The hook throws AccessError UNAUTHENTICATED where nobody has said who asks, FORBIDDEN where no scope of the caller covers the request.
 */
export function requireScopes(): AccessHook {
  return ({ caller, operation, model }) => {
    if (caller === undefined) throw unauthenticated("nobody has said who asks");
    const covers = (scope: string): boolean => {
      const [what, which = "*"] = split(scope);
      return (what === "*" || what === operation) && (which === "*" || which === model);
    };
    if (caller.scopes?.some(covers) === true) return undefined;
    const needed = `${operation}:${model ?? "*"}`;
    throw new AccessError("FORBIDDEN", `this needs the scope "${needed}"`, { details: { scope: needed } });
  };
}

/**
 * The refusal of a request whose caller is not known; its reply has a `WWW-Authenticate` header.
 *
 * @param challenge What that header says. Default: `Bearer`.
 */
export function unauthenticated(message: string, challenge = "Bearer"): AccessError {
  return new AccessError("UNAUTHENTICATED", message, { details: { challenge } });
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken({ header }: Pick<AccessRequest, "header">): string | undefined {
  return /^bearer +([^\s,]+) *$/i.exec(header("authorization") ?? "")?.[1];
}

/** A model's name may have a colon; an operation has none. */
function split(scope: string): [string, string?] {
  const colon = scope.indexOf(":");
  return colon < 0 ? [scope] : [scope.slice(0, colon), scope.slice(colon + 1)];
}

function checkHooks(hooks: readonly AccessHook[]): void {
  must(
    Array.isArray(hooks) && hooks.length > 0 && hooks.every((hook) => typeof hook === "function"),
    "hooks",
    "a list of functions",
    hooks,
  );
}

function joined(entered: readonly Leave[]): Leave | undefined {
  if (entered.length < 2) return entered[0];
  const weighing = entered.filter((leave) => leave.weigh !== undefined);
  const leave = (): void => leaveAll(entered);
  if (weighing.length === 0) return leave;
  return Object.assign(leave, {
    weigh: async (size: Parameters<NonNullable<Leave["weigh"]>>[0]): Promise<void> => {
      for (const each of weighing) await each.weigh?.(size);
    },
  });
}

/** The last one in leaves first, all of them whatever one throws. */
function leaveAll(entered: readonly Leave[]): void {
  for (const leave of [...entered].reverse()) {
    try {
      leave();
    } catch {
      // The reply is made; nobody is left to tell.
    }
  }
}
