import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { DeployRequest, EnvironmentDescription } from '../../src/contract/release-api.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import type { ReleaseStore } from '../../src/ports/release-store.ts';
import { callJson, deploy } from './control-client.ts';
import { canaryPlanOf, deployOf } from './control-fixtures.ts';
import { type ControlNode, startControlNode } from './control-node.ts';

const MINUTE = 60_000;
let node: ControlNode;
let full = false;
before(async () => {
  node = await startControlNode({ wrapStore: (store) => fillable(store) });
});
after(() => node.close());
beforeEach(() => {
  node.health.figures = { stable: {}, canary: {} };
});

const steps = [
  { weight: 500, holdMs: 10 * MINUTE },
  { weight: 2_500, holdMs: 10 * MINUTE },
  { weight: 10_000, holdMs: null },
];
const guarded = { callsMin: 100, errors: 0.01 };
const begin = async (app: string, plan: NonNullable<DeployRequest['canary']>) => {
  const old = await deploy(node.url, deployOf(app, { a: 'old' }));
  const next = await deploy(node.url, deployOf(app, { a: 'next' }, { activate: 'canary', canary: plan }));
  return { old: old.release, next: next.release };
};
const lookAfter = async (ms: number, at = node): Promise<void> => {
  at.time.wall += ms;
  await at.plane.canaries.look();
};
const of = async (app: string, at = node): Promise<EnvironmentDescription> =>
  callJson<EnvironmentDescription>(at.url, 'GET', `/v1/apps/${app}/environments/production`);
const weightOf = (app: string, at = node) =>
  at.publisher.environments.get(`${app}/production`)?.canary?.weight ?? null;

describe('a canary left to itself', () => {
  it('takes its steps when they are due, and is finished by the last', async () => {
    const { old, next } = await begin('steps', canaryPlanOf(steps));
    await lookAfter(10 * MINUTE - 1);
    assert.equal(weightOf('steps'), 500);
    await lookAfter(1);
    assert.equal(weightOf('steps'), 2_500);
    await lookAfter(0);
    assert.equal(weightOf('steps'), 2_500);
    await lookAfter(10 * MINUTE);
    assert.equal(weightOf('steps'), 10_000);
    await lookAfter(0);
    const { release, canary, history } = await of('steps');
    assert.deepEqual([release, canary], [next, null]);
    assert.deepEqual(
      history
        .slice(0, 4)
        .map(({ by, action, release: stable, canary: trial }) => [by, action, stable, trial?.weight ?? null]),
      [
        ['mayfly', 'canary-finish', next, null],
        ['mayfly', 'canary-step', old, 10_000],
        ['mayfly', 'canary-step', old, 2_500],
        ['operator', 'canary-start', old, 500],
      ],
    );
    assert.match(history[1]!.reason, /From 25% to 100%, as planned/);
  });

  it('waits for enough calls, and goes on when the guards find it fine', async () => {
    await begin('fine', canaryPlanOf(steps, guarded));
    await lookAfter(20 * MINUTE);
    assert.equal(weightOf('fine'), 500, 'nobody has called it');
    node.health.figures = { stable: { calls: 1_000, errors: 3 }, canary: { calls: 200, errors: 1 } };
    await lookAfter(0);
    assert.equal(weightOf('fine'), 2_500);
    assert.match((await of('fine')).history[0]!.reason, /No guard objected at 200 calls/);
  });

  it('is aborted when it fails more often than the stable release, paused or not, with the reason', async () => {
    const { old } = await begin('bad', canaryPlanOf(steps, guarded));
    const body = { action: 'pause' };
    await callJson(node.url, 'POST', '/v1/apps/bad/environments/production/canary', { body });
    node.health.figures = { stable: { calls: 1_000, errors: 3 }, canary: { calls: 200, errors: 60 } };
    await lookAfter(MINUTE);
    const { release, canary, history } = await of('bad');
    assert.deepEqual([release, canary], [old, null]);
    assert.deepEqual([history[0]?.by, history[0]?.action], ['mayfly', 'canary-abort']);
    assert.match(history[0]!.reason, /errors in 30% of the calls against 0\.3%/);
    const told = node.activities.at(-1);
    assert.deepEqual([told?.app, told?.action, told?.by], ['bad', 'canary-abort', 'mayfly']);
    assert.equal(node.health.watched.has('bad/production'), false);
  });

  it('has its figures begun anew with each weight, but not when everybody is on one side', async () => {
    const { old, next } = await begin('watched', canaryPlanOf(steps, { ...guarded, metrics: { basket: 1 } }));
    const [key, watch] = ['watched/production', node.health.watch.bind(node.health)];
    const begun: number[] = [];
    node.health.watch = (given) => {
      begun.push(weightOf('watched') ?? 0);
      watch(given);
    };
    assert.deepEqual(node.health.watched.get(key), {
      app: 'watched',
      environment: 'production',
      stable: old,
      canary: next,
      metrics: ['basket'],
    });
    node.health.figures = { stable: { calls: 1_000 }, canary: { calls: 1_000 } };
    await lookAfter(10 * MINUTE);
    await lookAfter(10 * MINUTE);
    assert.deepEqual([weightOf('watched'), begun], [10_000, [2_500]]);
    node.health.figures = { stable: { calls: 0 }, canary: { calls: 9 } };
    await lookAfter(0);
    assert.equal((await of('watched')).release, next, 'nobody is left to compare with');
    node.health.watch = watch;
  });

  it('is looked at again when the disk was full', async () => {
    await begin('full', canaryPlanOf(steps));
    full = true;
    await lookAfter(10 * MINUTE);
    assert.equal(weightOf('full'), 500);
    assert.equal((await of('full')).canary?.weight, 500);
    full = false;
    await lookAfter(0);
    assert.equal(weightOf('full'), 2_500);
  });

  it('goes on after a restart by the wall clock, one step at a time', async () => {
    const { next } = await begin('restarted', canaryPlanOf(steps));
    const again = await startControlNode({ folder: node.folder, masterKey: node.masterKey });
    try {
      assert.equal(again.health.watched.get('restarted/production')?.canary, next);
      const { id } = again.publisher.environments.get('restarted/production')!.canary!;
      assert.equal(
        id,
        node.publisher.environments.get('restarted/production')?.canary?.id,
        'clients keep their side',
      );
      again.time.wall = node.time.wall + 60 * MINUTE;
      await lookAfter(0, again);
      assert.equal(weightOf('restarted', again), 2_500);
      await lookAfter(0, again);
      assert.equal(weightOf('restarted', again), 2_500, 'the hold of the new step begins now');
    } finally {
      await again.close();
    }
  });
});

/** A store whose disk is full while `full` is set. */
function fillable(store: ReleaseStore): ReleaseStore {
  return new Proxy(store, {
    get(target, name) {
      if (full && name === 'saveEnvironment')
        return () => Promise.reject(new MayflyError('STORAGE_FULL', 'No space left.'));
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
