import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { ConfigError } from "@predikt/core";
import { boolean, callable, checkRules, duration, type Rules, whole } from "@predikt/core/runtime";

/** What a child knows of its place among the others. */
export interface ClusterChild {
  /** From 0. A child that replaces another has its index. */
  readonly index: number;
  /** How many there are. */
  readonly count: number;
  /** Threads that its predictors may use together: its share of the CPU budget. They keep to it by themselves. */
  readonly threads: number;
  /** What `collect` of every child gives now, in the order of their indexes; those that do not answer within a second are left out. */
  collectAll(): Promise<unknown[]>;
}

/** What a child runs. */
export interface ClusterService {
  /** Drained before `close` is called: see {@link drainServer}. */
  readonly server?: Server | SecureServer | undefined;
  /** Closes what the server used: handlers, predictors. */
  readonly close?: (() => unknown) | undefined;
  /** What this child adds to `collectAll`: its metrics, say. Anything that `structuredClone` takes. */
  readonly collect?: (() => unknown) | undefined;
}

/** When a child that has ended is started again. */
export interface RestartOptions {
  /** Milliseconds before the first attempt; each further one doubles them. Each time is shortened by up to a half at random. Minimum 1, default 250. */
  readonly minDelayMs?: number | undefined;
  /** The most milliseconds between two attempts, of which there is no end. Minimum 1, default 30,000. */
  readonly maxDelayMs?: number | undefined;
  /** Milliseconds for which a child must have been ready for the next one's delay to start anew. Default 10,000. */
  readonly stableMs?: number | undefined;
}

/** Options of {@link cluster}. */
export interface ClusterOptions {
  /** Called in each child: loads, listens, and gives what is to be closed. A child is ready when it has resolved. */
  readonly start: (child: ClusterChild) => ClusterService | Promise<ClusterService>;
  /** Minimum 1, default: the CPU budget, which is the cores that this process may use, less one where there are more than two. */
  readonly processes?: number | undefined;
  /**
   * In the parent: SIGTERM and SIGINT drain all children and then end the process by the same signal (a second one, half a second later or more, ends
   * it at once); SIGHUP replaces them one by one. In a child: SIGTERM drains that child, which is then replaced; SIGINT and SIGHUP, which a terminal
   * sends to children too, do nothing. Leave the adapters' own `handleSignals` off. Default: false, and then no signal is touched.
   */
  readonly handleSignals?: boolean | undefined;
  readonly restart?: RestartOptions | undefined;
  /** Milliseconds after which a child that is not ready is killed. Minimum 1, default 120,000. */
  readonly startTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a child may take to drain, after which it is killed; connections that still wait for an answer are cut after four fifths of it.
   * Minimum 1, default 15,000.
   */
  readonly drainTimeoutMs?: number | undefined;
  /** How long a child that drains keeps idle connections: see {@link drainServer}. Minimum 0, default 1000 ms. */
  readonly lingerMs?: number | undefined;
  /** What is added to a child's environment, beside `PREDIKT_PROCESS_INDEX`, `PREDIKT_PROCESS_COUNT` and `PREDIKT_CPU_BUDGET`. */
  readonly env?: ((index: number) => Readonly<Record<string, string>>) | undefined;
  /** Told in the parent what becomes of its children. */
  readonly onEvent?: ((event: ClusterEvent) => void) | undefined;
}

/** What becomes of a child. */
export type ClusterEvent =
  | { readonly type: "process-started"; readonly index: number; readonly pid: number }
  /** It drained and ended. */
  | { readonly type: "process-closed"; readonly index: number; readonly pid: number }
  /** It ended without having been asked to. Another one starts after `restartInMs`, unless that is undefined: while the cluster starts, or an older one serves on. */
  | {
      readonly type: "process-lost";
      readonly index: number;
      readonly pid: number;
      readonly reason: string;
      readonly restartInMs: number | undefined;
    }
  /** It was asked to end, did not in time, and was killed. */
  | { readonly type: "process-killed"; readonly index: number; readonly pid: number; readonly reason: string }
  /** A rolling restart is over; `failure` says why it stopped before the end. */
  | { readonly type: "processes-reloaded"; readonly failure?: string };

/** A child, seen from the parent. */
export interface ClusterProcess {
  readonly index: number;
  readonly pid: number;
  readonly state: "starting" | "ready" | "draining";
}

/** The parent's view of its children. */
export interface Cluster {
  /** Those that live. During a rolling restart an index may be there twice. */
  processes(): readonly ClusterProcess[];
  /**
   * Replaces the children one by one: the next is ready before the one it replaces drains. No request is lost, and one process more than usual is in
   * memory meanwhile. A call during another one runs after it.
   *
   * @throws LifecycleError NOT_READY where a new child does not become ready: the old one stays, as do those after it. CLOSED
   */
  reload(): Promise<void>;
  /** What the children's `collect` give, in the order of their indexes; those that do not answer within a second are left out. */
  collect(): Promise<unknown[]>;
  /** Drains and ends all children; resolves when they are gone. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The options with every default in its place. */
export interface Settings extends Pick<ClusterOptions, "start" | "env" | "onEvent"> {
  readonly processes: number;
  readonly handleSignals: boolean;
  readonly startTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly lingerMs: number;
  readonly restart: { readonly minDelayMs: number; readonly maxDelayMs: number; readonly stableMs: number };
}

const rules: Rules = {
  start: callable,
  processes: whole(1),
  handleSignals: boolean,
  restart: { inner: { minDelayMs: duration, maxDelayMs: duration, stableMs: whole(0) } },
  startTimeoutMs: duration,
  drainTimeoutMs: duration,
  lingerMs: whole(0),
  env: callable,
  onEvent: callable,
};

/** Checks the options and fills in the defaults. @throws ConfigError CONFIG_INVALID */
export function settingsOf(options: ClusterOptions, budget: number): Settings {
  checkRules(options, rules);
  if (options.start === undefined) throw new ConfigError("start", "a function", "undefined");
  const { processes = budget, handleSignals = false, startTimeoutMs = 120_000, drainTimeoutMs = 15_000, lingerMs = 1000 } = options;
  const { minDelayMs = 250, maxDelayMs = 30_000, stableMs = 10_000 } = options.restart ?? {};
  const { start, env, onEvent } = options;
  return {
    start,
    processes,
    handleSignals,
    startTimeoutMs,
    drainTimeoutMs,
    lingerMs,
    restart: { minDelayMs, maxDelayMs, stableMs },
    env,
    onEvent,
  };
}
