import { QUANTILE_ERROR_MAX } from '../../../kit/histogram.ts';
import type { HealthFigures, MetricFigures } from '../../../ports/release-health.ts';
import { shareExcess, studentTail } from './distributions.ts';

/** Below it a mean is not normal enough to be tested. */
const MEAN_CALLS_MIN = 100;
const TAIL_QUANTILE = 0.99;

/** What a comparison found; `GuardFigures` says what each means. */
export interface Comparison {
  readonly stable: number;
  readonly canary: number;
  readonly tolerated: number;
  readonly pValue: number;
}

/** How often something happened in how many calls. */
interface Share {
  readonly hits: number;
  readonly calls: number;
}

/** Whether the canary's share exceeds the stable release's by more than `tolerated`. */
export function compareShares(stable: Share, canary: Share, tolerated: number): Comparison {
  return {
    stable: shareOf(stable),
    canary: shareOf(canary),
    tolerated,
    pValue: shareExcess(stable, canary, tolerated),
  };
}

/**
 * Whether the canary's p99 is more than `factor` times that of the stable release: whether more of its warm calls exceed
 * `factor` times the stable release's measured p99 than of the stable release's exceed that p99 itself. Since the bound is
 * one of the stable durations, chosen by its rank, nothing is assumed about how durations are spread: a precedence test
 * (Balakrishnan and Ng, "Precedence-Type Tests and Applications", 2006).
 */
export function compareTails(stable: HealthFigures, canary: HealthFigures, factor: number): Comparison {
  // The upper end of the histogram's bucket that holds the p99, so that no canary call counts as slow by rounding.
  const boundMs = stable.p99Ms * (1 + QUANTILE_ERROR_MAX) * factor;
  const rank = Math.ceil(TAIL_QUANTILE * stable.warm);
  return compareShares(
    { hits: stable.warm - rank, calls: stable.warm },
    { hits: canary.slowerThan(boundMs), calls: canary.warm },
    0,
  );
}

/**
 * Whether the canary counts more than `tolerated` more a call on average (Welch, Biometrika 34, 1947), but with the larger of
 * both variances on both sides and the fewer calls' degrees of freedom: where most calls count nothing, a small sample
 * that happens to have seen no large value would look sure of itself.
 */
export function compareMeans(
  stable: MetricFigures & { readonly calls: number },
  canary: MetricFigures & { readonly calls: number },
  tolerated: number,
): Comparison {
  const found = { stable: stable.mean, canary: canary.mean, tolerated };
  const fewer = Math.min(stable.calls, canary.calls);
  if (fewer < MEAN_CALLS_MIN) return { ...found, pValue: 1 };
  const variance = Math.max(stable.variance, canary.variance);
  const error = Math.sqrt(variance * (1 / stable.calls + 1 / canary.calls));
  const excess = canary.mean - stable.mean - tolerated;
  if (error === 0) return { ...found, pValue: excess > 0 ? 0 : 1 };
  return { ...found, pValue: studentTail(excess / error, fewer - 1) };
}

function shareOf({ hits, calls }: Share): number {
  return calls === 0 ? 0 : hits / calls;
}
