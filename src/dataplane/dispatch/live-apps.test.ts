import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { AppSnapshot, EnvironmentSnapshot } from '../../domain/snapshot.ts';
import { LiveApps } from './live-apps.ts';
import type { LiveEnvironment } from './live-environment.ts';

/** A release whose functions are named by their versions: `a1` is function `a` in its version 1. */
const release = (id: string, ...versions: string[]): AppSnapshot => ({
  app: 'shop',
  environment: 'production',
  release: id,
  pin: `${id}.secret`,
  functions: new Map(versions.map((key) => [key[0]!, { key, name: key[0]! } as FunctionVersion])),
  routes: [],
});
const canary = (snapshot: AppSnapshot, weight = 1_000) =>
  ({ snapshot, id: 'c-1', weight, key: { kind: 'cookie' } }) as const;

let told: string[];
let live: LiveApps;
const publish = (
  stable: AppSnapshot | null,
  rest: Partial<Pick<EnvironmentSnapshot, 'canary' | 'candidates'>> = {},
): void =>
  live.publish({ app: 'shop', environment: 'production', stable, canary: null, candidates: [], ...rest });
const shop = (): LiveEnvironment => live.find('shop')!;
/** What was said of versions since the last time: `serve a1 b1`. */
const heard = (): string => told.splice(0).join('; ');

beforeEach(() => {
  told = [];
  live = new LiveApps((change) => {
    for (const [what, versions] of Object.entries(change))
      if (versions.length > 0)
        told.push([what, ...versions.map(({ key }: FunctionVersion) => key)].join(' '));
  });
});

describe('addresses', () => {
  test('what is published is found until it is withdrawn', () => {
    publish(release('r-1', 'a1'));
    live.publish({
      app: 'shop',
      environment: 'preview',
      stable: release('r-2'),
      canary: null,
      candidates: [],
    });
    assert.equal(shop().stable!.snapshot.release, 'r-1');
    assert.equal(live.find('shop--preview')!.stable!.snapshot.release, 'r-2');
    live.withdraw('shop', 'production');
    live.withdraw('shop', 'production');
    live.withdraw('nobody', 'production');
    assert.equal(live.find('shop'), undefined);
    assert.equal(live.find('shop--preview')!.stable!.snapshot.release, 'r-2');
    assert.equal(heard(), 'serve a1; retire a1');
  });

  test('names that objects have of themselves are no apps', () => {
    for (const name of ['constructor', '__proto__', 'toString', '']) assert.equal(live.find(name), undefined);
  });
});

describe('versions', () => {
  test('one that the next release names too is left alone', () => {
    publish(release('r-1', 'a1', 'b1'));
    assert.equal(heard(), 'serve a1 b1');
    publish(release('r-2', 'a1', 'b2'));
    assert.equal(heard(), 'serve a1 b2; retire b1');
  });

  test('one stays as long as any track or candidate names it', () => {
    const [one, two, three] = [release('r-1', 'a1'), release('r-2', 'a2'), release('r-3', 'a3')];
    publish(one, { candidates: [two] });
    assert.equal(heard(), 'serve a1 a2');
    publish(one, { canary: canary(two), candidates: [three] });
    assert.equal(heard(), 'serve a3');
    publish(one, { canary: canary(two, 5_000) });
    assert.equal(heard(), 'retire a3');
    publish(two);
    assert.equal(heard(), 'retire a1');
  });

  test('one of a release with calls under way is retired after the last of them', () => {
    const one = release('r-1', 'a1', 'b1');
    publish(one);
    const before = shop().stable!;
    before.enter();
    before.enter();
    publish(release('r-2', 'a2', 'b1'));
    publish(release('r-3', 'a3'));
    assert.equal(heard(), 'serve a1 b1; serve a2 b1; linger a1; serve a3; linger b1; retire a2');
    before.leave();
    assert.equal(heard(), '');
    before.leave();
    assert.equal(heard(), 'retire a1 b1');
  });
});

describe('pins', () => {
  test('reach tracks, candidates, and what has calls under way; nothing else', () => {
    const [one, two, three] = [release('r-1'), release('r-2'), release('r-3')];
    publish(one, { canary: canary(two), candidates: [three] });
    const stable = shop().stable!;
    for (const { pin, release: id } of [one, two, three])
      assert.equal(shop().pinned(pin)!.snapshot.release, id);
    assert.equal(shop().pinned('r-1.guess'), null);
    assert.equal(shop().pinned('r-1'), null);
    stable.enter();
    publish(two);
    assert.equal(shop().pinned(one.pin), stable);
    assert.equal(shop().pinned(three.pin), null);
    stable.leave();
    assert.equal(shop().pinned(one.pin), null);
  });

  test('a release of a withdrawn app is reached until its last call ends, and the app is gone then', () => {
    const one = release('r-1', 'a1');
    publish(one);
    const stable = shop().stable!;
    stable.enter();
    live.withdraw('shop', 'production');
    assert.equal(shop().stable, null);
    assert.equal(shop().pinned(one.pin), stable);
    assert.equal(heard(), 'serve a1; linger a1');
    stable.leave();
    assert.equal(live.find('shop'), undefined);
    assert.equal(heard(), 'retire a1');
  });

  test('a call that was chosen before a swap and comes after it keeps its release', () => {
    const one = release('r-1', 'a1');
    publish(one);
    const chosen = shop().stable!;
    publish(release('r-2', 'a2'));
    assert.equal(shop().pinned(one.pin), null);
    chosen.enter();
    assert.equal(shop().pinned(one.pin), chosen);
    chosen.leave();
    assert.equal(shop().pinned(one.pin), null);
    assert.equal(heard(), 'serve a1; serve a2; retire a1; retire a1');
  });

  test('of one release in two configurations the newer answers', () => {
    publish(release('r-1', 'a1'));
    const before = shop().stable!;
    before.enter();
    publish(release('r-1', 'a2'));
    assert.equal(shop().pinned('r-1.secret'), shop().stable);
    assert.notEqual(shop().stable, before);
    before.leave();
    assert.equal(shop().pinned('r-1.secret'), shop().stable);
  });

  test('a stored release is adopted once, for as long as it has calls', () => {
    publish(release('r-2'));
    const stored = release('r-1', 'a1');
    const adopted = shop().adopt(stored);
    assert.equal(shop().pinned(stored.pin), null);
    adopted.enter();
    assert.equal(shop().adopt(release('r-1', 'a1')), adopted);
    adopted.leave();
    assert.equal(shop().pinned(stored.pin), null);
    assert.equal(heard(), 'retire a1');
  });

  test('what comes back while it has calls is the same again', () => {
    const [one, two] = [release('r-1', 'a1'), release('r-2', 'a2')];
    publish(one);
    const stable = shop().stable!;
    stable.enter();
    publish(two);
    publish(one);
    assert.equal(shop().stable, stable);
    stable.leave();
    assert.equal(shop().pinned(one.pin), stable);
    assert.equal(heard(), 'serve a1; serve a2; linger a1; serve a1; retire a2');
  });
});

describe('tracks', () => {
  test('testers name current tracks only', () => {
    const [one, two, three] = [release('r-1'), release('r-2'), release('r-3')];
    publish(one, { candidates: [three] });
    assert.equal(shop().track('canary'), null);
    publish(one, { canary: canary(two), candidates: [three] });
    const names = ['stable', 'canary', 'r-1', 'r-2', 'r-3', 'r-4', ''];
    const found = names.map((name) => shop().track(name)?.snapshot.release ?? null);
    assert.deepEqual(found, ['r-1', 'r-2', 'r-1', 'r-2', null, null, null]);
  });

  test('events fall to the tracks by weight, each always to the same', () => {
    const [one, two] = [release('r-1'), release('r-2')];
    const events = Array.from({ length: 4_000 }, (_, i) => `event-${i}`);
    const canaries = () => events.filter((event) => shop().trackFor(event)!.snapshot.release === 'r-2');
    publish(one, { canary: canary(two, 2_500) });
    const quarter = canaries();
    assert.ok(quarter.length > 880 && quarter.length < 1_120, `${quarter.length} of 4,000 at a quarter`);
    publish(one, { canary: canary(two, 5_000) });
    const half = new Set(canaries());
    assert.ok(quarter.every((event) => half.has(event)));
    publish(one, { canary: canary(two, 10_000) });
    assert.equal(canaries().length, events.length);
    publish(one, { canary: canary(two, 0) });
    assert.equal(canaries().length, 0);
  });
});
