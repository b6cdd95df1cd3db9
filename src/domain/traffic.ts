import type { StickyKey } from './snapshot.ts';

/** Where the traffic of one environment goes. The control plane's decisions turn one of these into the next. */
export interface Traffic {
  /** Release that everybody else is served by; null: nothing has been activated yet. */
  readonly stable: string | null;
  /** Releases that were stable before, the last one last: what a rollback goes back to. */
  readonly past: readonly string[];
  readonly canary: Canary | null;
}

/** Of an environment that does not exist yet. */
export const NO_TRAFFIC: Traffic = { stable: null, past: [], canary: null };

/** A release on trial. */
export interface Canary {
  /** `c-` and 12 hex digits. */
  readonly id: string;
  readonly release: string;
  readonly plan: CanaryPlan;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Index into the plan's steps; a weight set by hand stands beside it until the next step. */
  readonly step: number;
  readonly stepSince: number;
  /** Share of the clients now, in basis points: 0 to 10,000. */
  readonly weight: number;
  /** Steps wait, guards do not. */
  readonly paused: boolean;
}

/** How a release is brought in bit by bit, and what ends it. */
export interface CanaryPlan {
  /** At least one; weights rise. */
  readonly steps: readonly CanaryStep[];
  readonly key: StickyKey;
  readonly guards: CanaryGuards;
}

export interface CanaryStep {
  /** Basis points: 1 to 10,000. */
  readonly weight: number;
  /** The next step comes after this, ms; null: when somebody says so. A last step of 10,000 finishes the canary. */
  readonly holdMs: number | null;
}

/** Each guard compares the canary's own figures with those of the stable release in the same time. Null: not looked at. */
export interface CanaryGuards {
  /** Calls of the canary below which nothing is concluded. */
  readonly callsMin: number;
  /** Chance that a canary as good as the stable release is aborted all the same, over its whole life: 0.01. */
  readonly falseAlarm: number;
  /** Share of failed calls (5xx) that it may have more than the stable release: 0.01. */
  readonly errors: number | null;
  /** How many times the stable release's p99 its own may be: 1.5. */
  readonly p99: number | null;
  /** Share of cold calls that it may have more: 0.2. */
  readonly coldStarts: number | null;
  /** Metrics that functions log (a numeric field `metric.NAME`): how much more a call it may count on average. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What an environment is: previews are removed as a whole, with all that is theirs. */
export type EnvironmentKind = 'permanent' | 'preview';

/** What was done to an environment, as its history keeps it. */
export type TrafficAction =
  | 'deploy'
  | 'promote'
  | 'rollback'
  | 'canary-start'
  | 'canary-step'
  | 'canary-set'
  | 'canary-pause'
  | 'canary-resume'
  | 'canary-finish'
  | 'canary-abort';
