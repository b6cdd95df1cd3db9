import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AsyncCall, AsyncInvocationStore, Settlement } from './async-invocation-store.ts';

/** What every `AsyncInvocationStore` must do, whatever it is made of. `make` gives an empty store each time. */
export function asyncInvocationStoreConformance(
  name: string,
  make: () => Promise<{ readonly store: AsyncInvocationStore; readonly close: () => Promise<void> }>,
): void {
  const using = async (test: (store: AsyncInvocationStore) => Promise<void>): Promise<void> => {
    const { store, close } = await make();
    try {
      await test(store);
    } finally {
      await close();
    }
  };
  const lease = async (store: AsyncInvocationStore, now: number, extra: object = {}) =>
    await store.lease({ now, until: now + 10, limit: 10, except: [], ...extra });
  const failure = { code: 'FUNCTION_THREW', message: 'Error: no' } as const;

  describe(`AsyncInvocationStore: ${name}`, () => {
    it('lends what was enqueued, as it was, to one worker at a time', () =>
      using(async (store) => {
        const call = callOf('c1', 5, {
          body: Buffer.from([0, 255, 10]),
          traceparent: '00-a-b-01',
          release: 'r-1',
        });
        await store.enqueue(call);
        assert.deepEqual(await lease(store, 4), []);
        const [leased] = await lease(store, 5);
        assert.deepEqual(leased, { ...call, epoch: 1, attempts: 1 });
        assert.deepEqual(await lease(store, 14), []);
        assert.equal(await store.settle('c1', 1, { kind: 'done' }), true);
        assert.deepEqual(await store.counts(), { enqueued: 1, inFlight: 0, done: 1, dead: 0 });
        assert.equal(await store.nextDueAt([]), null);
      }));

    it('lends the longest due first, up to the limit, without the functions left out', () =>
      using(async (store) => {
        await Promise.all(
          [callOf('c3', 3), callOf('c1', 1), callOf('c2', 2)].map((call) => store.enqueue(call)),
        );
        await store.enqueue(callOf('d1', 0, { function: 'other' }));
        assert.equal(await store.nextDueAt(['shop/production/other']), 1);
        const first = await lease(store, 9, { limit: 2, except: ['shop/production/other'] });
        assert.deepEqual(first.map(({ id }) => id).sort(), ['c1', 'c2']);
        assert.deepEqual((await lease(store, 9)).map(({ id }) => id).sort(), ['c3', 'd1']);
      }));

    it('enqueues what follows a call with its end, and only with it', () =>
      using(async (store) => {
        await store.enqueue(callOf('c1', 0));
        await lease(store, 0);
        const next = callOf('n1', 3, { function: 'next' });
        assert.equal(await store.settle('c1', 9, { kind: 'done' }, next), false);
        assert.equal((await store.counts()).enqueued, 1);
        assert.equal(await store.settle('c1', 1, { kind: 'dead', at: 2, failure }, next), true);
        assert.deepEqual(await store.counts(), { enqueued: 2, inFlight: 1, done: 0, dead: 1 });
        assert.deepEqual(await lease(store, 3), [{ ...next, epoch: 1, attempts: 1 }]);
      }));

    it('lends again when a lease ends, and the late worker can settle nothing', () =>
      using(async (store) => {
        await store.enqueue(callOf('c1', 0));
        await lease(store, 0);
        assert.equal(await store.nextDueAt([]), 10);
        const [again] = await lease(store, 10);
        assert.deepEqual([again?.epoch, again?.attempts], [2, 2]);
        assert.equal(await store.renew('c1', 1, 99), false);
        assert.equal(await store.settle('c1', 1, { kind: 'done' }), false);
        assert.equal(await store.settle('c1', 1, { kind: 'dead', at: 11, failure }), false);
        assert.equal(await store.renew('c1', 2, 50), true);
        assert.deepEqual(await lease(store, 49), []);
        assert.equal(await store.settle('c1', 2, { kind: 'done' }), true);
        assert.equal(await store.settle('c1', 2, { kind: 'done' }), false);
        assert.deepEqual(await store.counts(), { enqueued: 1, inFlight: 0, done: 1, dead: 0 });
      }));

    it('keeps a call for a retry until it is due, and a dead one to be looked at', () =>
      using(async (store) => {
        await store.enqueue(callOf('c1', 0));
        await lease(store, 0);
        assert.equal(await store.settle('c1', 1, { kind: 'retry', dueAt: 20, attempts: 1, failure }), true);
        assert.equal(await store.settle('c1', 1, { kind: 'done' }), false);
        assert.deepEqual(await lease(store, 19), []);
        const [again] = await lease(store, 20);
        assert.deepEqual([again?.epoch, again?.attempts], [2, 2]);
        assert.equal(await store.settle('c1', 2, { kind: 'dead', at: 21, failure }), true);
        assert.deepEqual(await lease(store, 1_000), []);
        assert.deepEqual(await store.listDead('shop', 'production', 10), [
          { id: 'c1', function: 'list', attempts: 2, enqueuedAt: 0, diedAt: 21, failure },
        ]);
        assert.deepEqual(await store.listDead('shop', 'preview', 10), []);
        assert.deepEqual(await store.counts(), { enqueued: 1, inFlight: 0, done: 0, dead: 1 });
      }));

    it('loses and invents nothing, whatever workers do: enqueued = in flight + done + dead', async () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('enqueue' as const) }),
        fc.record({ do: fc.constant('lease' as const), limit: fc.integer({ min: 1, max: 4 }) }),
        fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
        fc.record({
          do: fc.constant('settle' as const),
          which: fc.nat(),
          kind: fc.constantFrom('done' as const, 'retry' as const, 'dead' as const),
        }),
      );
      const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        using(async (store) => {
          const held: { id: string; epoch: number }[] = [];
          const newest = new Map<string, number>();
          const settled = new Set<string>();
          let [now, enqueued] = [0, 0];
          for (const action of steps) {
            if (action.do === 'enqueue') await store.enqueue(callOf(`c${enqueued++}`, now));
            if (action.do === 'wait') now += action.ms;
            if (action.do === 'lease') {
              for (const { id, epoch } of await lease(store, now, { limit: action.limit })) {
                assert.equal(epoch, (newest.get(id) ?? 0) + 1);
                assert.equal(settled.has(id), false);
                newest.set(id, epoch);
                held.push({ id, epoch });
              }
            }
            if (action.do === 'settle' && held.length > 0) {
              const [{ id, epoch }] = held.splice(action.which % held.length, 1) as [
                { id: string; epoch: number },
              ];
              const done = await store.settle(id, epoch, settlementOf(action.kind, now));
              assert.equal(done, newest.get(id) === epoch && !settled.has(id));
              if (done && action.kind !== 'retry') settled.add(id);
            }
            const counts = await store.counts();
            assert.equal(counts.enqueued, enqueued);
            assert.equal(counts.enqueued, counts.inFlight + counts.done + counts.dead);
            assert.equal(counts.done + counts.dead, settled.size);
          }
        }),
      );
      await fc.assert(property, { numRuns: 60 });
    });

    const settlementOf = (kind: Settlement['kind'], now: number): Settlement => {
      if (kind === 'done') return { kind };
      return kind === 'retry' ? { kind, dueAt: now + 3, attempts: 1, failure } : { kind, at: now, failure };
    };
  });
}

function callOf(id: string, enqueuedAt: number, extra: Partial<AsyncCall> = {}): AsyncCall {
  return {
    id,
    app: 'shop',
    environment: 'production',
    function: 'list',
    release: null,
    event: { specversion: '1.0', id },
    body: Buffer.from('{}'),
    traceparent: null,
    enqueuedAt,
    ...extra,
  };
}
