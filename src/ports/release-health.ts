/** How two releases of one environment fare while both serve. Figures are kept in memory, from the moment of `watch`. */
export interface ReleaseHealth {
  /** Begins to count anew for these two; replaces what was watched in that environment before. */
  watch(watch: HealthWatch): void;
  unwatch(app: string, environment: string): void;
  /** Null: the environment is not watched. */
  read(app: string, environment: string): HealthComparison | null;
}

export interface HealthWatch {
  readonly app: string;
  readonly environment: string;
  readonly stable: string;
  readonly canary: string;
  /** Names of the metrics to add up; others are not looked at. */
  readonly metrics: readonly string[];
}

export interface HealthComparison {
  /** ms since the epoch. */
  readonly since: number;
  readonly stable: HealthFigures;
  readonly canary: HealthFigures;
}

/** Calls of one release that have ended; those that the caller broke off or sent wrongly are left out. */
export interface HealthFigures {
  readonly release: string;
  readonly calls: number;
  /** Ended with a 5xx, or an outcome that is the function's or the platform's fault. */
  readonly errors: number;
  readonly cold: number;
  /** Of the calls that were served warm, ms: from handing over to settled. 0 of none. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many warm calls there were, and how many of them took longer than `ms`. */
  readonly warm: number;
  readonly slowerThan: (ms: number) => number;
  readonly metrics: Readonly<Record<string, MetricFigures>>;
}

/** Values a call, calls without a value counted as 0. */
export interface MetricFigures {
  readonly mean: number;
  /** Unbiased; 0 of fewer than two calls. */
  readonly variance: number;
}
