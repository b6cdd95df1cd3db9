import type { FunctionLimits, FunctionVersion } from '../../../domain/function-version.ts';
import { DEFAULT_SCHEDULER_LIMITS, type SchedulerLimits } from '../limits.ts';
import { Random } from './random.ts';

/** How a function version behaves in the simulated world. Probabilities are per event. */
export interface Behaviour {
  readonly initMs: number;
  readonly initFails: number;
  /** A call ends its instance. */
  readonly crashes: number;
}

/** What happens from outside, and when, ms. Everything random about it is fixed here, so that a scenario can be shrunk. */
export type Action =
  | {
      readonly at: number;
      readonly name: 'call';
      readonly function: number;
      readonly serviceMs: number;
      readonly cancelAfterMs: number;
    }
  | { readonly at: number; readonly name: 'deploy'; readonly function: number }
  | { readonly at: number; readonly name: 'load'; readonly saturated: boolean }
  | { readonly at: number; readonly name: 'crash' | 'condemn'; readonly instance: number };

/** One function of a scenario: `deploy` makes its next version, which has a new key and the same limits. */
export interface SimulatedFunction {
  readonly project: string;
  readonly limits: FunctionLimits;
  readonly behaviour: Behaviour;
}

export interface Scenario {
  readonly seed: number;
  readonly limits: SchedulerLimits;
  readonly functions: readonly SimulatedFunction[];
  readonly actions: readonly Action[];
  /** Probability that a boot fails. */
  readonly bootFails: number;
  /** Nothing ever fails, so whatever waits must be served, and soon. */
  readonly faultless: boolean;
}

const LOAD_MS = 2_000;

/** Everything about one simulated run, from its seed. */
export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  const faultless = random.chance(0.4);
  const functions = Array.from({ length: random.whole(1, 6) }, () => functionOf(random, faultless));
  const actions = functions.flatMap((_, index) => callsOf(random, index, faultless));
  if (random.chance(0.5)) {
    for (let count = random.whole(1, 3); count > 0; count--) {
      const target = random.whole(0, functions.length - 1);
      actions.push({ at: random.between(0, LOAD_MS), name: 'deploy', function: target });
    }
  }
  if (!faultless) {
    for (let count = random.whole(0, 6); count > 0; count--) {
      const name = random.pick(['crash', 'condemn'] as const);
      actions.push({ at: random.between(0, LOAD_MS), name, instance: random.whole(0, 20) });
    }
  }
  if (random.chance(0.3)) {
    for (let at = random.between(0, 500); at < LOAD_MS; at += random.between(10, 500)) {
      actions.push({ at, name: 'load', saturated: random.chance(0.6) });
    }
    // Chance may have left it saturated; it ends with the load.
    actions.push({ at: LOAD_MS, name: 'load', saturated: false });
  }
  actions.sort((left, right) => left.at - right.at);
  const bootFails = faultless ? 0 : random.pick([0, 0, 0.1, 0.6, 1]);
  return { seed, limits: limitsOf(random), functions, actions, bootFails, faultless };
}

/** Version `number` of function `index`. */
export function versionOf(scenario: Scenario, index: number, number: number): FunctionVersion {
  const { project, limits } = scenario.functions[index]!;
  return {
    key: `app/production/f${index}@${number}`,
    project,
    app: 'app',
    environment: 'production',
    name: `f${index}`,
    version: String(number),
    artifact: '',
    handler: { file: 'f.mjs', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits,
  };
}

function limitsOf(random: Random): SchedulerLimits {
  const prewarmMin = random.whole(0, 3);
  return {
    ...DEFAULT_SCHEDULER_LIMITS,
    instancesMax: random.pick([1, 2, 3, 5, 8, 40]),
    memoryMbMax: random.pick([256, 512, 1_024, 100_000]),
    projectInstancesMax: random.pick([1, 3, 6, 1_000]),
    bootsParallelMax: random.whole(1, 4),
    prewarmMin,
    prewarmMax: prewarmMin + random.whole(0, 4),
    prewarmKindIdleMs: 5_000,
    keepAliveMinMs: 500,
    keepAliveDefaultMs: 2_000,
    keepAliveMaxMs: 8_000,
  };
}

function functionOf(random: Random, faultless: boolean): SimulatedFunction {
  const maxInstances = random.pick([1, 2, 4, 10]);
  return {
    project: random.pick(['p', 'p', 'q']),
    limits: {
      memoryMb: random.pick([32, 64, 128, 256]),
      timeoutMs: 1_000,
      initTimeoutMs: 5_000,
      network: random.pick(['full', 'full', 'none']),
      perInstance: random.pick([1, 1, 1, 2, 5]),
      maxInstances,
      provisioned: random.chance(0.15) ? random.whole(1, 2) : 0,
      queueMax: faultless ? 1_000 : random.pick([0, 1, 5, 1_000]),
      queueTimeoutMs: faultless ? 100_000 : random.pick([0, 50, 1_000, 100_000]),
      keepAliveMs: random.pick([null, null, null, 0, 50, 3_000]),
    },
    behaviour: {
      initMs: random.pick([1, 1, 3, 30, 500]),
      initFails: faultless ? 0 : random.pick([0, 0, 0.3, 1]),
      crashes: faultless ? 0 : random.pick([0, 0, 0.05, 0.5]),
    },
  };
}

function callsOf(random: Random, index: number, faultless: boolean): Action[] {
  const calls: Action[] = [];
  const meanServiceMs = random.pick([1, 5, 20, 100]);
  const cancels = faultless ? 0 : random.pick([0, 0, 0.2]);
  const add = (at: number) => {
    const serviceMs =
      random.between(0.1, 2 * meanServiceMs) * (!faultless && random.chance(0.01) ? 1_000 : 1);
    const cancelAfterMs = random.chance(cancels) ? random.between(0, 60) : Number.POSITIVE_INFINITY;
    calls.push({ at, name: 'call', function: index, serviceMs, cancelAfterMs });
  };
  const trickle = () => {
    const everyMs = random.pick([50, 200, 700]);
    for (let at = random.between(0, everyMs); at < LOAD_MS; at += everyMs) add(at);
  };
  const burst = () => {
    const at = random.between(0, LOAD_MS);
    for (let count = random.whole(2, 30); count > 0; count--) add(at + random.between(0, 5));
  };
  const flood = () => {
    const everyMs = random.between(2, 10);
    const from = random.between(0, LOAD_MS / 2);
    for (let at = from; at < from + 500; at += everyMs) add(at);
  };
  random.pick([trickle, burst, flood])();
  if (random.chance(0.3)) random.pick([trickle, burst])();
  return calls;
}
