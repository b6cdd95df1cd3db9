import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decide } from '../../../src/controlplane/releases/traffic/traffic-decision.ts';
import type { Traffic } from '../../../src/domain/traffic.ts';
import { SimulatedEnvironment, type Weaknesses } from './simulated-environment.ts';
import { type Core, REAL } from './traffic-rules.ts';

/** `SEED=n` replays one seed with its trace; `SEEDS=n` runs so many, from `FROM` on. */
const only = process.env.SEED === undefined ? null : Number(process.env.SEED);
const seeds = Number(process.env.SEEDS ?? 1_000);
const from = Number(process.env.FROM ?? 1);

/** What rule the seed breaks; null: none. */
function broken(seed: number, core: Core = REAL, weak: Weaknesses = {}): string | null {
  const environment = new SimulatedEnvironment(seed, core, weak);
  try {
    environment.run();
    return null;
  } catch (thrown) {
    const trace = only === null ? '' : `\n${environment.trace.join('\n')}`;
    return `${thrown instanceof Error ? thrown.message : String(thrown)}${trace}`;
  }
}

test(`no seed breaks a rule (${only === null ? `${seeds} seeds from ${from}` : `SEED=${only}`})`, () => {
  for (let seed = only ?? from; seed < (only === null ? from + seeds : only + 1); seed++) {
    const rule = broken(seed);
    if (rule !== null) assert.fail(`SEED=${seed}: ${rule}`);
  }
});

test('rollbacks after k activations come back in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 60 }), (numbers) => {
      const releases = numbers.filter((each, at) => each !== numbers[at - 1]).map((each) => `r-${each}`);
      let traffic: Traffic = { stable: null, past: [], canary: null };
      for (const release of releases) {
        traffic = decide(traffic, { kind: 'activate', cause: 'deploy', release, reason: '' }, 0).traffic;
      }
      for (const release of releases.slice(0, -1).reverse()) {
        traffic = decide(traffic, { kind: 'rollback', release: null, reason: '' }, 0).traffic;
        assert.equal(traffic.stable, release);
      }
      assert.deepEqual(traffic.past, []);
    }),
  );
});

interface Planted {
  readonly bug: string;
  readonly core?: Partial<Core>;
  readonly weak?: Weaknesses;
  readonly noticed: RegExp;
}

const PLANTED: readonly Planted[] = [
  {
    bug: 'a rollback that takes nothing off the past',
    core: {
      decide: (traffic, command, now) => {
        const decision = decide(traffic, command, now);
        if (decision.action !== 'rollback') return decision;
        return { ...decision, traffic: { ...decision.traffic, past: traffic.past } };
      },
    },
    noticed: /a rollback would do nothing|the history says otherwise/,
  },
  {
    bug: 'a finished canary that forgets what it replaced',
    core: {
      tick: (traffic, now, watched) => {
        const asked = REAL.tick(traffic, now, watched);
        if (asked.decision?.action !== 'canary-finish') return asked;
        return {
          ...asked,
          decision: { ...asked.decision, traffic: { ...asked.decision.traffic, past: traffic.past } },
        };
      },
    },
    noticed: /a rollback would do nothing|the history says otherwise/,
  },
  {
    bug: 'a canary that any activation pushes aside',
    core: {
      decide: (traffic, command, now) =>
        decide(command.kind === 'activate' ? { ...traffic, canary: null } : traffic, command, now),
    },
    noticed: /activate was (carried out instead of CANARY_ACTIVE|refused)/,
  },
  {
    bug: 'a verdict on one canary that ends another',
    core: {
      tick: (traffic, now, watched) =>
        REAL.tick(traffic, now, watched && { ...watched, canary: traffic.canary?.id ?? '' }),
    },
    noticed: /a step without the guards/,
  },
  {
    bug: 'a bad canary that nobody ends while it is paused',
    core: {
      tick: (traffic, now, watched) =>
        traffic.canary?.paused ? { decision: null, nextAt: null } : REAL.tick(traffic, now, watched),
    },
    noticed: /a bad canary lives on/,
  },
  {
    bug: 'steps while the canary is paused',
    core: {
      tick: (traffic, now, watched) =>
        REAL.tick(
          traffic.canary === null ? traffic : { ...traffic, canary: { ...traffic.canary, paused: false } },
          now,
          watched,
        ),
    },
    noticed: /a paused canary was moved|a lowered weight was raised/,
  },
  {
    bug: 'holds that are cut short',
    core: { tick: (traffic, now, watched) => REAL.tick(traffic, now + 30_000, watched) },
    noticed: /a hold was cut short/,
  },
  {
    bug: 'steps that do not wait for the guards',
    core: {
      tick: (traffic, now, watched) => {
        const kind = watched?.verdict.kind === 'bad' ? 'bad' : 'fine';
        return REAL.tick(traffic, now, watched && { ...watched, verdict: { ...watched.verdict, kind } });
      },
    },
    noticed: /a step without the guards/,
  },
  {
    bug: 'a canary whose last step never ends',
    core: {
      tick: (traffic, now, watched) => {
        const asked = REAL.tick(traffic, now, watched);
        return asked.decision?.action === 'canary-finish' ? { decision: null, nextAt: now + 1 } : asked;
      },
    },
    noticed: /a canary outlives its end/,
  },
  {
    bug: 'a lowered weight that the schedule raises',
    core: {
      decide: (traffic, command, now) => {
        const decision = decide(traffic, command, now);
        const { canary } = decision.traffic;
        if (command.kind !== 'canary-set' || canary === null) return decision;
        return { ...decision, traffic: { ...decision.traffic, canary: { ...canary, paused: false } } };
      },
    },
    noticed: /a lowered weight was raised/,
  },
  {
    bug: 'a decision that changes what it was given',
    core: {
      decide: (traffic, command, now) => {
        const decision = decide(traffic, command, now);
        (traffic as { stable: string | null }).stable = decision.traffic.stable;
        return decision;
      },
    },
    noticed: /read only/,
  },
  {
    bug: 'two operators of whom one undoes the other unseen',
    weak: { blindStore: true },
    noticed: /the history says otherwise|which is not past|a hold was cut short/,
  },
  {
    bug: 'memory that does not follow the disk after a crash',
    weak: { noReload: true },
    noticed: /which is no track/,
  },
];

for (const { bug, core, weak, noticed } of PLANTED) {
  test(`the rules notice ${bug}`, () => {
    const others = new Set<string>();
    for (let seed = 1; seed <= 500; seed++) {
      const rule = broken(seed, { ...REAL, ...core }, weak);
      if (rule === null) continue;
      if (noticed.test(rule)) return;
      others.add(rule.split('\n')[0]!);
    }
    assert.fail(`not noticed; found instead: ${[...others].slice(0, 5).join('; ')}`);
  });
}
