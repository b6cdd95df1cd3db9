import assert from 'node:assert/strict';
import test from 'node:test';
import type { SchedulerEffects } from '../effects.ts';
import type { Instance } from '../instance.ts';
import { Scheduler } from '../scheduler.ts';
import type { Ticket } from '../ticket.ts';
import { scenarioOf } from './scenario.ts';
import { explain, realScheduler, simulate } from './simulation.ts';
import type { Assembly } from './world.ts';

/** `SEED=n` replays one seed with its trace; `SEEDS=n` runs so many, from `FROM` on. */
const only = process.env.SEED === undefined ? null : Number(process.env.SEED);
const seeds = Number(process.env.SEEDS ?? 2_000);
const from = Number(process.env.FROM ?? 1);

test(`no seed breaks a rule (${only === null ? `${seeds} seeds from ${from}` : `SEED=${only}`})`, () => {
  for (let seed = only ?? from; seed < (only === null ? from + seeds : only + 1); seed++) {
    const { broken } = simulate(scenarioOf(seed));
    if (broken !== null) assert.fail(explain(seed));
  }
});

test('a seed repeats itself to the letter', () => {
  const scenario = scenarioOf(7);
  const first = simulate(scenario, realScheduler, true);
  assert.ok(first.trace.length > 50);
  assert.deepEqual(simulate(scenarioOf(7), realScheduler, true), first);
});

/** Effects that go wrong on the way, as a broken scheduler would send them. */
type Sabotage = (effects: SchedulerEffects) => Partial<SchedulerEffects>;

function sabotaged(sabotage: Sabotage): Assembly {
  return (effects, scenario) => {
    const through: SchedulerEffects = {
      assign: (ticket, instance) => effects.assign(ticket, instance),
      reject: (ticket, code, retryAfterMs, cause) => effects.reject(ticket, code, retryAfterMs, cause),
      boot: (instance) => effects.boot(instance),
      specialise: (instance, version) => effects.specialise(instance, version),
      freeze: (instance) => effects.freeze(instance),
      thaw: (instance) => effects.thaw(instance),
      drain: (instance) => effects.drain(instance),
      kill: (instance) => effects.kill(instance),
    };
    return new Scheduler({ ...through, ...sabotage(effects) }, scenario.limits);
  };
}

const PLANTED: readonly { bug: string; assembly: Assembly; noticed: RegExp }[] = [
  {
    bug: 'a call assigned twice',
    assembly: sabotaged((effects) => ({
      assign(ticket, instance) {
        effects.assign(ticket, instance);
        effects.assign(ticket, instance);
      },
    })),
    noticed: /assigned: a ticket that is (assigned|served)/,
  },
  {
    bug: 'a call given to an instance of another version',
    assembly: sabotaged((effects) => {
      const seen = new Set<Instance>();
      return {
        assign(ticket: Ticket, instance: Instance) {
          seen.add(instance);
          const others = [...seen].filter(
            (each) => each.version !== ticket.version && each.state === 'ready',
          );
          effects.assign(ticket, others[0] ?? instance);
        },
      };
    }),
    noticed: /assigned to an instance of app/,
  },
  {
    bug: 'a call that is lost',
    assembly: sabotaged((effects) => {
      let count = 0;
      return {
        assign(ticket: Ticket, instance: Instance) {
          count++;
          if (count % 5 !== 0) effects.assign(ticket, instance);
        },
      };
    }),
    noticed: /before an older call|is waiting for ever|waits beside a free slot/,
  },
  {
    bug: 'a frozen instance that is not thawed',
    assembly: sabotaged(() => ({ thaw() {} })),
    noticed: /to a frozen instance|while it is frozen/,
  },
  {
    bug: 'an instance that is never told to end',
    assembly: sabotaged(() => ({ drain() {} })),
    noticed: /instances of .* are left/,
  },
  {
    bug: 'more instances than the node may have',
    assembly: (effects, scenario) => {
      return new Scheduler(effects, { ...scenario.limits, instancesMax: scenario.limits.instancesMax + 1 });
    },
    noticed: /instances on the node/,
  },
  {
    bug: 'more memory than the node has',
    assembly: (effects, scenario) => {
      return new Scheduler(effects, { ...scenario.limits, memoryMbMax: scenario.limits.memoryMbMax * 2 });
    },
    noticed: /MB on the node/,
  },
  {
    bug: 'turns that never come',
    assembly: (effects, scenario) => new Scheduler(effects, { ...scenario.limits, fairTenureMs: 1e9 }),
    noticed: /starve/,
  },
];

for (const { bug, assembly, noticed } of PLANTED) {
  test(`the checker notices ${bug}`, () => {
    const others = new Set<string>();
    for (let seed = 1; seed <= 1_000; seed++) {
      const { broken } = simulate(scenarioOf(seed), assembly);
      if (broken === null) continue;
      if (noticed.test(broken)) return;
      others.add(broken);
    }
    assert.fail(`not noticed; found instead: ${[...others].slice(0, 5).join('; ')}`);
  });
}

test('what fails is explained by few actions', () => {
  const lose = PLANTED.find((each) => each.bug === 'a frozen instance that is not thawed')!.assembly;
  for (let seed = 1; seed <= 300; seed++) {
    if (simulate(scenarioOf(seed), lose).broken === null) continue;
    const explained = explain(seed, lose);
    assert.match(explained, new RegExp(`^SEED=${seed}: at `));
    assert.match(explained, /\n[0-3] actions;/);
    assert.match(explained, / freeze \d+\n/);
    return;
  }
  assert.fail('no seed failed');
});
