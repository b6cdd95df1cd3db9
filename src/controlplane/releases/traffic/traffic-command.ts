import type { CanaryPlan, Traffic, TrafficAction } from '../../../domain/traffic.ts';

/**
 * What somebody wants done with an environment's traffic. `reason` is for the history; empty: the decision says one itself.
 */
export type TrafficCommand =
  /** All clients, at once. */
  | {
      readonly kind: 'activate';
      readonly cause: ActivationCause;
      readonly release: string;
      readonly reason: string;
    }
  /** Null: to the release that was stable before. */
  | { readonly kind: 'rollback'; readonly release: string | null; readonly reason: string }
  | {
      readonly kind: 'canary-start';
      readonly cause: ActivationCause;
      readonly release: string;
      readonly plan: CanaryPlan;
      /** Of the new canary: `c-` and 12 hex digits. */
      readonly id: string;
      readonly reason: string;
    }
  /** `weight` in basis points: 0 to 10,000. */
  | { readonly kind: 'canary-set'; readonly weight: number; readonly reason: string }
  | { readonly kind: 'canary-pause'; readonly reason: string }
  | { readonly kind: 'canary-resume'; readonly reason: string }
  | { readonly kind: 'canary-finish'; readonly reason: string }
  | { readonly kind: 'canary-abort'; readonly reason: string };

export type CommandOf<K extends TrafficCommand['kind']> = Extract<TrafficCommand, { readonly kind: K }>;

/** Where the release comes from: just built, or known already. */
export type ActivationCause = Extract<TrafficAction, 'deploy' | 'promote'>;

/** What becomes of the traffic; `action` and `reason` are the history's. */
export interface Decision {
  readonly traffic: Traffic;
  readonly action: TrafficAction;
  readonly reason: string;
}
