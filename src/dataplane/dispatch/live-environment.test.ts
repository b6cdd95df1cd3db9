import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { AppSnapshot, EnvironmentSnapshot } from '../../domain/snapshot.ts';
import { LiveApps } from './live-apps.ts';
import type { VersionChange } from './live-environment.ts';
import type { LiveRelease } from './live-release.ts';

/** Eight releases of two functions; neighbours share a version. */
const RELEASES: readonly AppSnapshot[] = Array.from({ length: 8 }, (_, i) => ({
  app: 'shop',
  environment: 'production',
  release: `r-${i}`,
  pin: `r-${i}.0`,
  functions: new Map([`a${i >> 1}`, `b${(i + 1) >> 1}`].map((key) => [key[0]!, { key } as FunctionVersion])),
  routes: [],
}));
const keysOf = (snapshot: AppSnapshot): string[] => [...snapshot.functions.values()].map(({ key }) => key);

/** What was told of each version, and what calls are under way: what must be true of it at any moment. */
class Watch {
  readonly live = new LiveApps((change) => this.#told(change));
  readonly calls: LiveRelease[] = [];
  readonly #state = new Map<string, keyof VersionChange>();
  #named: readonly AppSnapshot[] = [];

  publish(next: EnvironmentSnapshot | null): void {
    this.#named =
      next === null ? [] : [next.stable ?? [], next.canary?.snapshot ?? [], next.candidates].flat();
    if (next === null) this.live.withdraw('shop', 'production');
    else this.live.publish(next);
  }

  enter(release: LiveRelease | null | undefined): void {
    if (release === null || release === undefined) return;
    release.enter();
    this.calls.push(release);
  }

  leave(at: number): void {
    this.calls.splice(at % this.calls.length, 1)[0]?.leave();
  }

  check(): void {
    const shop = this.live.find('shop');
    const busy = new Set(this.calls.map(({ snapshot }) => snapshot));
    const reachable = new Set([...this.#named, ...busy]);
    for (const snapshot of RELEASES) {
      const found = shop?.pinned(snapshot.pin)?.snapshot ?? null;
      assert.equal(found, reachable.has(snapshot) ? snapshot : null, snapshot.release);
    }
    assert.equal(shop === undefined, reachable.size === 0);
    const named = new Set(this.#named.flatMap(keysOf));
    const used = new Set([...reachable].flatMap(keysOf));
    for (const key of RELEASES.flatMap(keysOf)) {
      const state = this.#state.get(key) ?? 'retire';
      if (named.has(key)) assert.equal(state, 'serve', key);
      else if (used.has(key)) assert.equal(state, 'linger', key);
      else assert.equal(state, 'retire', key);
    }
  }

  #told(change: VersionChange): void {
    for (const what of ['serve', 'linger', 'retire'] as const)
      for (const { key } of change[what]) this.#state.set(key, what);
  }
}

const which = fc.integer({ min: 0, max: RELEASES.length - 1 });
const step = fc.oneof(
  fc.record({
    do: fc.constant('publish' as const),
    stable: fc.option(which),
    canary: fc.option(which),
    candidates: fc.uniqueArray(which, { maxLength: 2 }),
  }),
  fc.constant({ do: 'withdraw' as const }),
  fc.record({ do: fc.constant('enter' as const), how: fc.constantFrom('stable', 'canary', 'pin'), which }),
  fc.record({ do: fc.constant('leave' as const), at: fc.nat() }),
);

test('whatever is published and called in whatever order: pins and versions last as long as they are needed, no longer', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const watch = new Watch();
      for (const next of steps) {
        const shop = watch.live.find('shop');
        if (next.do === 'withdraw') watch.publish(null);
        else if (next.do === 'leave') watch.leave(next.at);
        else if (next.do === 'publish') {
          watch.publish({
            app: 'shop',
            environment: 'production',
            stable: next.stable === null ? null : RELEASES[next.stable]!,
            canary:
              next.canary === null || next.canary === next.stable
                ? null
                : { snapshot: RELEASES[next.canary]!, id: 'c-1', weight: 1, key: { kind: 'cookie' } },
            candidates: next.candidates.map((i) => RELEASES[i]!),
          });
        } else if (next.how === 'stable') watch.enter(shop?.stable);
        else if (next.how === 'canary') watch.enter(shop?.canary?.release);
        else watch.enter(shop?.pinned(RELEASES[next.which]!.pin));
        watch.check();
      }
      while (watch.calls.length > 0) watch.leave(0);
      watch.publish(null);
      watch.check();
      assert.equal(watch.live.find('shop'), undefined);
    }),
    { numRuns: 500 },
  );
});
