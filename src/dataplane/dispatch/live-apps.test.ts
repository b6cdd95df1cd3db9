import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppSnapshot, EnvironmentSnapshot } from '../../domain/snapshot.ts';
import { LiveApps } from './live-apps.ts';

const snapshot = (app: string, environment: string, release: string): AppSnapshot => ({
  app,
  environment,
  release,
  pin: `${release}.0`,
  functions: new Map(),
  routes: [],
});

const serving = (stable: AppSnapshot): EnvironmentSnapshot => ({
  app: stable.app,
  environment: stable.environment,
  stable,
  canary: null,
  candidates: [],
});

test('what is published is found at its address until it is replaced or withdrawn, and every swap is told', () => {
  const swaps: [string | undefined, string | undefined][] = [];
  const live = new LiveApps((before, after) => swaps.push([before?.release, after?.release]));
  const one = snapshot('shop', 'production', 'r1');
  const two = snapshot('shop', 'production', 'r2');
  const preview = snapshot('shop', 'preview', 'r3');
  live.publish(serving(one));
  live.publish(serving(preview));
  assert.equal(live.find('shop'), one);
  assert.equal(live.find('shop--preview'), preview);
  live.publish(serving(two));
  assert.equal(live.find('shop'), two);
  assert.equal(live.size, 2);
  assert.deepEqual([...live.all()], [two, preview]);
  live.withdraw('shop', 'production');
  live.withdraw('shop', 'production');
  live.withdraw('nobody', 'production');
  assert.equal(live.find('shop'), undefined);
  assert.equal(live.find('shop--preview'), preview);
  assert.deepEqual(swaps, [
    [undefined, 'r1'],
    [undefined, 'r3'],
    ['r1', 'r2'],
    ['r2', undefined],
  ]);
});

test('names that objects have of themselves are no apps', () => {
  const live = new LiveApps(() => {});
  for (const name of ['constructor', '__proto__', 'toString', '']) assert.equal(live.find(name), undefined);
});
