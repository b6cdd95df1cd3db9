import type { TrafficAction } from '../domain/traffic.ts';

/** What was done to an environment: its newest history entry, with where it belongs. */
export interface Activity {
  readonly app: string;
  readonly environment: string;
  /** Position in the environment's history. */
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** Name of the token that did it; `mayfly` when the node itself did. */
  readonly by: string;
  readonly action: TrafficAction;
  /** Stable after it. */
  readonly release: string | null;
  readonly canary: { readonly release: string; readonly weight: number } | null;
  readonly reason: string;
}

/**
 * Told of each change once it is on disk and served. Returns at once and never throws: what it has to do it does later, so that no
 * deploy waits for it or fails by it.
 */
export type ActivityListener = (activity: Activity) => void;
