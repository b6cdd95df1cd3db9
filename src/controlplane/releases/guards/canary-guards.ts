import type { CanaryGuards } from '../../../domain/traffic.ts';
import type { HealthComparison, HealthFigures } from '../../../ports/release-health.ts';
import { type Comparison, compareMeans, compareShares, compareTails } from './comparisons.ts';
import type { GuardFigures, GuardVerdict } from './guard-verdict.ts';

/** The guards look again when the canary has had this many times the calls of the last look. */
const LOOK_GROWTH = 1.2;

/**
 * How far the guards of one canary have got; plain JSON. Kept over a restart, the false-alarm chance holds over
 * the canary's whole life; begun anew (`NO_LOOKS`), it holds from one restart to the next.
 */
export interface GuardState {
  /** Looks so far. */
  readonly looks: number;
  /** Since when the figures counted that were looked at last, ms since the epoch. */
  readonly since: number;
  /** The canary's calls at that look. */
  readonly calls: number;
}

export const NO_LOOKS: GuardState = { looks: 0, since: 0, calls: 0 };

export interface Judgement {
  readonly verdict: GuardVerdict;
  /** Belongs to the next question about the same canary. */
  readonly state: GuardState;
}

interface Guard {
  readonly name: string;
  readonly compare: (health: HealthComparison) => Comparison;
}

/**
 * What the guards make of the figures. May be asked at any time and as often as one likes: they look only when the
 * canary's calls have grown by a fifth, and each look k has 1/(k(k+1)) of the false-alarm chance to spend, shared
 * equally by the guards. These shares add up to 1, so by the union bound the chance holds over every look and all
 * guards together, whatever depends on whatever (error spending: Lan and DeMets, Biometrika 70, 1983).
 *
 * The figures should be begun anew (`ReleaseHealth.watch`) whenever the weight changes, with the state kept: under one weight both
 * releases share good and bad times alike; over several, a bad hour of everybody would be the canary's when it had
 * most of its calls then.
 */
export function judgeCanary(guards: CanaryGuards, health: HealthComparison, state: GuardState): Judgement {
  const active = activeGuards(guards);
  if (active.length === 0) return { verdict: verdictOf('fine', 'It has no guards.'), state };
  const { stable, canary } = health;
  const short = [canary, stable].find((each) => each.calls < guards.callsMin);
  if (short !== undefined) {
    return { verdict: verdictOf('waiting', waitingReason(short, guards.callsMin)), state };
  }
  // Figures that were begun anew have not been looked at, whatever was looked at before.
  const isSeen = state.looks > 0 && state.since === health.since;
  if (isSeen && canary.calls < state.calls * LOOK_GROWTH) {
    return {
      verdict: verdictOf('fine', `No guard objected at ${state.calls} calls of the canary.`),
      state,
    };
  }
  const looks = state.looks + 1;
  const threshold = guards.falseAlarm / (looks * (looks + 1)) / active.length;
  const figures = active.map(
    ({ name, compare }): GuardFigures => ({ guard: name, ...compare(health), threshold }),
  );
  const bad = figures.filter(({ pValue }) => pValue <= threshold);
  if (bad.length > 0) {
    // Such a look does not count: should the abort fail, the next question looks again instead of taking it for fine.
    return { verdict: verdictOf('bad', badReason(bad, health), figures), state };
  }
  return {
    verdict: verdictOf('fine', `No guard objected at ${canary.calls} calls of the canary.`, figures),
    state: { looks, since: health.since, calls: canary.calls },
  };
}

function activeGuards({ errors, p99, coldStarts, metrics }: CanaryGuards): Guard[] {
  const guards: Guard[] = [];
  if (errors !== null) guards.push(shareGuard('errors', errors, (of) => of.errors));
  if (p99 !== null) {
    guards.push({
      name: 'p99',
      compare: ({ stable, canary }) => compareTails(stable, canary, p99),
    });
  }
  if (coldStarts !== null) guards.push(shareGuard('coldStarts', coldStarts, (of) => of.cold));
  for (const [name, tolerated] of Object.entries(metrics)) {
    guards.push({
      name: `metric.${name}`,
      compare: ({ stable, canary }) =>
        compareMeans(metricOf(stable, name), metricOf(canary, name), tolerated),
    });
  }
  return guards;
}

function shareGuard(name: string, tolerated: number, hitsOf: (of: HealthFigures) => number): Guard {
  const share = (of: HealthFigures): { hits: number; calls: number } => ({
    hits: hitsOf(of),
    calls: of.calls,
  });
  return {
    name,
    compare: ({ stable, canary }) => compareShares(share(stable), share(canary), tolerated),
  };
}

function metricOf(figures: HealthFigures, name: string): { mean: number; variance: number; calls: number } {
  const { mean, variance } = figures.metrics[name] ?? { mean: 0, variance: 0 };
  return { mean, variance, calls: figures.calls };
}

function verdictOf(
  kind: GuardVerdict['kind'],
  reason: string,
  figures: readonly GuardFigures[] = [],
): GuardVerdict {
  return { kind, reason, figures };
}

function waitingReason({ release, calls }: HealthFigures, callsMin: number): string {
  return `${release} has had ${calls} of the ${callsMin} calls that the guards need.`;
}

function badReason(bad: readonly GuardFigures[], { stable, canary }: HealthComparison): string {
  const found = bad.map(({ guard, ...of }) => {
    if (guard === 'p99') {
      return `p99 of ${canary.p99Ms.toFixed(1)} ms against ${stable.p99Ms.toFixed(1)} ms`;
    }
    if (guard.startsWith('metric.')) {
      const [is, was] = [of.canary, of.stable].map((value) => Number(value.toPrecision(4)));
      return `${guard} of ${is} a call against ${was}, tolerated ${of.tolerated} more`;
    }
    const [is, was] = [of.canary, of.stable].map(percent);
    return `${guard} in ${is} of the calls against ${was}, tolerated ${percent(of.tolerated)} more`;
  });
  return `The canary is worse after ${canary.calls} calls: ${found.join('; ')}.`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
