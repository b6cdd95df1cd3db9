import type { Call } from './call.ts';
import type { InstanceInfo } from './instance-info.ts';
import type { Responder } from './responder.ts';

/**
 * One way of writing functions: turns a call into what its authors expect, and what they give back into an answer.
 * docs/recipes/add-a-dialect.md shows how one is made.
 */
export interface Dialect {
  /** Runs before the author's code is loaded: globals and environment variables that it may rely on. */
  prepare?(instance: InstanceInfo): void;
  /**
   * Makes a handler of what `handler.export` names, and runs the author's initialiser where the vendor has one. Anything
   * thrown fails the instance with FUNCTION_INIT_FAILED; `HandlerUnusable` is for an export that is missing or of the
   * wrong kind.
   */
  bind(exported: unknown, instance: InstanceInfo, sibling: SiblingExports): Handler | Promise<Handler>;
}

/** Other exports of the handler's module by their names, `initContext`, `a.b`; undefined when there is none. */
export type SiblingExports = (name: string) => unknown;

/** A loaded function. */
export interface Handler {
  /**
   * Serves one call; the call has settled when this returns or its promise does, so the answer must be complete by
   * then. What it throws ends the call with FUNCTION_THREW (InvalidResponse: RESPONSE_INVALID).
   */
  serve(call: Call, respond: Responder): void | Promise<void>;
  /** Runs once, when the instance is drained and no call is left. */
  shutdown?(): void | Promise<void>;
}

/** The export that the configuration names can't serve calls. */
export class HandlerUnusable extends Error {
  override readonly name = 'HandlerUnusable';
}
