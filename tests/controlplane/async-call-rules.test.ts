import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SqliteAsyncInvocationStore } from '../../src/adapters/sqlite/async-invocation-store.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import type { AsyncCallBounds, EndedCall } from '../../src/ports/async-call-rules.ts';
import type { AsyncCall } from '../../src/ports/async-invocation-store.ts';
import type { EventCall, EventResult } from '../../src/ports/invoker.ts';
import { AsyncInvocations } from '../../src/services/async-invocations/async-invocations.ts';
import { eventually } from '../harness/test-node.ts';

const NOW = 1_000_000;

const callOf = (id: string, enqueuedAt: number): AsyncCall => ({
  id,
  app: 'shop',
  environment: 'production',
  function: 'work',
  release: null,
  event: { id },
  body: Buffer.from('{}'),
  traceparent: null,
  enqueuedAt,
});

/** Runs the calls under these bounds; answers which were made, and how each ended. */
async function run(calls: readonly AsyncCall[], bounds: AsyncCallBounds, follows = false) {
  const made: string[] = [];
  const ended: EndedCall[] = [];
  const database = openDatabase(':memory:');
  const store = new SqliteAsyncInvocationStore(database);
  const invoke = async ({ requestId }: EventCall): Promise<EventResult> => {
    made.push(requestId!);
    const error = { name: 'TypeError', message: 'no', stack: '' };
    const outcome = requestId!.startsWith('bad') ? 'FUNCTION_THREW' : 'ok';
    const times = { cold: false, durationMs: 1, initMs: 0, billedMs: 1, peakMemoryMb: null };
    return { requestId: requestId!, outcome, error, contentType: '', body: Buffer.from('1'), ...times };
  };
  const service = await AsyncInvocations.start({
    store,
    invoker: { invoke, releaseFor: () => 'r' },
    clock: { wall: () => NOW, now: () => NOW },
    random: () => 0,
    onDefect: (error) => assert.fail(error),
    rules: {
      boundsFor: async () => bounds,
      followUp: async (end) => {
        ended.push(end);
        return follows && !end.call.id.startsWith('next') ? callOf(`next-${end.call.id}`, NOW) : null;
      },
    },
  });
  for (const call of calls) await service.enqueue(call);
  await eventually(() => service.counts().inFlight === 0);
  const counts = service.counts();
  await service.close(1_000);
  assert.deepEqual(await store.counts(), counts);
  await database.destroy();
  return { made, ended: ended.map(({ call, failure }) => [call.id, failure?.code ?? 'ok']), counts };
}

describe('rules for single asynchronous calls', () => {
  it('a call that has become too old is not made', async () => {
    const { made, ended } = await run([callOf('old', NOW - 60_001), callOf('young', NOW)], {
      ageMaxMs: 60_000,
    });
    assert.deepEqual(made, ['young']);
    assert.deepEqual(ended.sort(), [
      ['old', 'QUEUE_TIMEOUT'],
      ['young', 'ok'],
    ]);
  });

  it('a call is made as often as its rules say, and not at all when they refuse it', async () => {
    const once = await run([callOf('bad', NOW)], { attemptsMax: 1 });
    assert.deepEqual([once.made, once.ended], [['bad'], [['bad', 'FUNCTION_THREW']]]);
    const refusal = { code: 'QUEUE_FULL', message: 'stopped' } as const;
    const never = await run([callOf('any', NOW)], { refusal });
    assert.deepEqual([never.made, never.ended], [[], [['any', 'QUEUE_FULL']]]);
    assert.deepEqual(never.counts, { enqueued: 1, inFlight: 0, done: 0, dead: 1 });
  });

  it('what follows the end of a call is counted and made like any other', async () => {
    const { made, counts } = await run([callOf('a', NOW), callOf('bad', NOW)], { attemptsMax: 1 }, true);
    assert.deepEqual(made.sort(), ['a', 'bad', 'next-a', 'next-bad']);
    assert.deepEqual(counts, { enqueued: 4, inFlight: 0, done: 3, dead: 1 });
  });
});
