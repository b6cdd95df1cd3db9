import {
  type GuardState,
  judgeCanary,
  NO_LOOKS,
} from '../../../src/controlplane/releases/guards/canary-guards.ts';
import type { CanaryGuards } from '../../../src/domain/traffic.ts';
import { Histogram } from '../../../src/kit/histogram.ts';
import type { HealthComparison, HealthFigures } from '../../../src/ports/release-health.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

/** How the calls of one release really are. */
export interface TrueRelease {
  readonly errors: number;
  readonly cold: number;
  /** Durations are log-normal with this median, ms, and spread; a heavy tail: p99 is ten times the median at spread 1. */
  readonly medianMs: number;
  readonly spread: number;
  /** Value of the metric `cost`, of a number from 0 to below 1. */
  readonly cost: (random: number) => number;
}

export interface Life {
  readonly guards: CanaryGuards;
  readonly stable: TrueRelease;
  readonly canary: TrueRelease;
  /** One after another: the share of the calls that the canary gets, and how many calls there are altogether. */
  readonly steps: readonly { readonly weight: number; readonly calls: number }[];
  /** Whether durations matter; drawing them takes the longest. */
  readonly timed: boolean;
}

/** Decides whether the canary is bad, at each look; the real guards unless a test plants another. */
export type Judge = (health: HealthComparison) => boolean;

/** Calls of the canary from one question to the next. */
const ASKED_EVERY = 10;

/** How many calls the canary had had, over all steps, when it was found bad; null: it lived on to its end. */
export function live(life: Life, seed: number, judge: Judge = realJudge(life.guards)): number | null {
  const random = seededRandom(seed);
  let canaryCalls = 0;
  for (const [since, { weight, calls }] of life.steps.entries()) {
    // As the platform does: figures begin anew with every weight.
    const stable = new SimulatedFigures('r-stable', life.stable, random, life.timed);
    const canary = new SimulatedFigures('r-canary', life.canary, random, life.timed);
    for (let call = 0; call < calls; call++) {
      if (random() >= weight) {
        stable.serve();
        continue;
      }
      canary.serve();
      canaryCalls++;
      if (canaryCalls % ASKED_EVERY === 0 && judge({ since, stable, canary })) return canaryCalls;
    }
  }
  return null;
}

function realJudge(guards: CanaryGuards): Judge {
  let state: GuardState = NO_LOOKS;
  return (health) => {
    const { verdict, state: next } = judgeCanary(guards, health, state);
    // The plane keeps it as JSON.
    state = next === state ? state : (JSON.parse(JSON.stringify(next)) as GuardState);
    return verdict.kind === 'bad';
  };
}

class SimulatedFigures implements HealthFigures {
  readonly release: string;
  calls = 0;
  errors = 0;
  cold = 0;
  readonly #truth: TrueRelease;
  readonly #random: () => number;
  readonly #timed: boolean;
  readonly #durations = new Histogram();
  #sum = 0;
  #squares = 0;

  constructor(release: string, truth: TrueRelease, random: () => number, timed: boolean) {
    this.release = release;
    this.#truth = truth;
    this.#random = random;
    this.#timed = timed;
  }

  serve(): void {
    const { errors, cold, cost } = this.#truth;
    this.calls++;
    if (this.#random() < errors) this.errors++;
    const value = cost(this.#random());
    this.#sum += value;
    this.#squares += value * value;
    if (this.#random() < cold) this.cold++;
    else if (this.#timed) this.#durations.add(this.#drawMs());
  }

  get warm(): number {
    return this.#durations.count;
  }

  get p50Ms(): number {
    return this.#durations.quantile(0.5);
  }

  get p99Ms(): number {
    return this.#durations.quantile(0.99);
  }

  slowerThan = (ms: number): number => this.#durations.countAbove(ms);

  get metrics(): HealthFigures['metrics'] {
    const mean = this.#sum / this.calls;
    const variance = this.calls < 2 ? 0 : (this.#squares - this.calls * mean * mean) / (this.calls - 1);
    return { cost: { mean, variance: Math.max(0, variance) } };
  }

  #drawMs(): number {
    const { medianMs, spread } = this.#truth;
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    return medianMs * Math.exp(spread * normal);
  }
}
