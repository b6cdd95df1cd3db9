import { Scheduler } from '../scheduler.ts';
import { Violation } from './books.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { type Assembly, World } from './world.ts';

/** Runs tried at most to make a failing scenario smaller. */
const SHRINK_RUNS_MAX = 2_000;
const TRACE_LINES_MAX = 120;

export interface SimulationResult {
  /** Null: every rule was kept. */
  readonly broken: string | null;
  readonly trace: readonly string[];
  /** See `RestingRules.starvedMost`. */
  readonly starvedMost: number;
}

export const realScheduler: Assembly = (effects, scenario) => new Scheduler(effects, scenario.limits);

export function simulate(
  scenario: Scenario,
  assemble: Assembly = realScheduler,
  traced = false,
): SimulationResult {
  const world = new World(scenario, assemble, traced);
  let broken: string | null = null;
  try {
    world.run();
  } catch (error) {
    // An error of the scheduler itself is a finding like any other.
    broken = error instanceof Violation ? error.message : String((error as Error).stack);
  }
  return { broken, trace: world.trace, starvedMost: world.rules.starvedMost };
}

/** Leaves out actions as long as the scenario still fails: halves first, single ones last. */
function shrink(scenario: Scenario, assemble: Assembly = realScheduler): Scenario {
  let smallest = scenario;
  let runs = 0;
  for (
    let size = Math.ceil(scenario.actions.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < smallest.actions.length && runs < SHRINK_RUNS_MAX; runs++) {
      const actions = smallest.actions.filter((_, index) => index < from || index >= from + size);
      const candidate = { ...smallest, actions };
      if (simulate(candidate, assemble).broken === null) from += size;
      else smallest = candidate;
    }
  }
  return smallest;
}

/** What to read when a seed fails: the smallest scenario found, and everything that happened in it. */
export function explain(seed: number, assemble: Assembly = realScheduler): string {
  const scenario = shrink(scenarioOf(seed), assemble);
  const { broken, trace } = simulate(scenario, assemble, true);
  const { limits, functions, actions } = scenario;
  return [
    `SEED=${seed}: ${broken}`,
    `${actions.length} actions; node ${limits.instancesMax} instances, ${limits.memoryMbMax} MB; project ${limits.projectInstancesMax} instances; prewarm ${limits.prewarmMin}–${limits.prewarmMax}`,
    ...functions.map((each, index) => `f${index}: ${JSON.stringify(each)}`),
    ...trace.slice(-TRACE_LINES_MAX),
  ].join('\n');
}
