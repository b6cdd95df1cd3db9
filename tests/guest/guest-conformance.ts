import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  encodeChunkFrame,
  encodeFrame,
  encodeMetaFrame,
  encodeU32Frame,
  FrameFlag,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../src/contract/frames.ts';
import type { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';

const INVOKE = JSON.stringify({
  id: 'x',
  release: 'r',
  deadline: 0,
  traceparent: '',
  http: { method: 'GET', url: 'http://a/', headers: [], params: {} },
});

/**
 * Functions that a conformance run needs, each served over HTTP: `echo` answers with the request's body, as it arrives when
 * the header `x-mode` is `stream`, else whole; `fixed` answers "x"; `failing` throws a ShopError, "no stock", and `exiting`
 * ends its process with 3; `printing` prints "first" and answers.
 */
export type ProgramName = 'echo' | 'fixed' | 'failing' | 'exiting' | 'printing';

/** A guest that speaks the protocol, and how to have it run. */
export interface GuestUnderTest {
  boot(): Promise<GuestDriver>;
  load(program: ProgramName): Promise<GuestDriver>;
  clean(): Promise<void>;
}

/** What every guest must do, in whatever language it is written. */
export function guestConformance(name: string, subject: GuestUnderTest): void {
  describe(`guest: ${name}`, () => {
    after(() => subject.clean());

    test('a body in any pieces comes back as it was', async () => {
      await using guest = await subject.load('echo');
      const piece = fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes));
      const large = fc.integer({ min: 1, max: 200_000 }).map((length) => Buffer.alloc(length, length % 251));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(piece, large), { maxLength: 12 }),
          fc.constantFrom('stream', 'text', 'value'),
          fc.boolean(),
          async (pieces, mode, firstInline) => {
            const [first, ...rest] = firstInline ? pieces : [Buffer.alloc(0), ...pieces];
            const call = guest.call({
              http: { method: 'POST', headers: ['x-mode', mode] },
              body: first ?? '',
              end: rest.length === 0,
            });
            for (const [at, part] of rest.entries()) call.chunk(part, at === rest.length - 1);
            const answer = await call.answer;
            assert.equal(answer.failure, null);
            assert.ok(answer.body.equals(Buffer.concat(pieces)));
          },
        ),
        { numRuns: 60 },
      );
    });

    test('a large body goes round while both windows fill', async () => {
      await using guest = await subject.load('echo');
      const call = guest.call({ http: { method: 'POST', headers: ['x-mode', 'stream'] }, end: false });
      let sent = 0;
      const size = 8 * 1024 * 1024;
      while (sent < size) {
        if (sent - call.creditedBytes < 256 * 1024) {
          call.chunk(Buffer.alloc(64 * 1024, sent / 65_536), sent + 64 * 1024 === size);
          sent += 64 * 1024;
        } else {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      const { body } = await call.answer;
      assert.equal(body.length, size);
      for (let at = 0; at < size; at += 64 * 1024) assert.equal(body[at], (at / 65_536) % 256);
    });

    for (const [what, frame] of [
      ['an unknown type', encodeFrame(99, 0, 0)],
      ['a frame that is only for the platform', encodeFrame(FrameType.HEAD, 0, 1)],
      ['a frame over the limit', Buffer.from([255, 255, 255, 255, 1, 0, 0, 0, 2, 0])],
      ['a call on stream 0', encodeMetaFrame(FrameType.INVOKE, 0, 0, INVOKE)],
      ['a meta that is no JSON', encodeMetaFrame(FrameType.INVOKE, FrameFlag.END, 1, '{')],
      ['a meta longer than its frame', encodeFrame(FrameType.INVOKE, 0, 1, Buffer.from([9, 9, 0, 0]))],
      ['an empty call', encodeFrame(FrameType.INVOKE, 0, 1)],
    ] as const) {
      test(`${what} ends the guest at once`, async () => {
        await using guest = await subject.load('fixed');
        guest.send(frame);
        assert.deepEqual(await guest.exit(), { code: 76, signal: null });
      });
    }

    test('a call before the function has come ends the guest', async () => {
      await using guest = await subject.boot();
      guest.send(encodeMetaFrame(FrameType.INVOKE, FrameFlag.END, 1, INVOKE));
      assert.deepEqual(await guest.exit(), { code: 76, signal: null });
    });

    test('frames for calls that are over are ignored', async () => {
      await using guest = await subject.load('fixed');
      await guest.invoke();
      guest.send(encodeFrame(FrameType.CANCEL, 0, 1));
      guest.send(encodeChunkFrame(FrameFlag.END, 1, Buffer.from('late')));
      guest.send(encodeU32Frame(FrameType.CREDIT, 1, 10));
      assert.equal((await guest.invoke()).body.toString(), 'x');
    });

    test('a message of a wrong shape fails one call or the loading, not the guest', async () => {
      await using guest = await subject.load('fixed');
      for (const meta of [
        'null',
        '1',
        '{}',
        '{"http":5}',
        '{"http":{"method":"GET","url":"no url","headers":[]}}',
      ]) {
        const call = guest.call();
        await call.answer;
        guest.send(encodeMetaFrame(FrameType.INVOKE, FrameFlag.END, 1000 + meta.length, meta));
        assert.equal((await guest.invoke()).body.toString(), 'x', meta);
      }
    });

    test('random bytes never hang a guest', async () => {
      const noise = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes));
      const frame = fc
        .record({
          type: fc.integer({ min: 0, max: 30 }),
          flags: fc.integer({ min: 0, max: 3 }),
          stream: fc.integer({ min: 0, max: 4 }),
          payload: noise,
        })
        .map(({ type, flags, stream, payload }) => encodeFrame(type, flags, stream, payload));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(noise, frame), { minLength: 1, maxLength: 6 }),
          fc.boolean(),
          async (parts, loaded) => {
            await using guest = loaded ? await subject.load('fixed') : await subject.boot();
            for (const part of parts) guest.send(part);
            guest.channel.end();
            const { code, signal } = await guest.exit();
            assert.equal(signal, null);
            assert.ok(code === 0 || code === 76, `exit code ${code}: ${guest.stderr}`);
          },
        ),
        { numRuns: 25 },
      );
    });

    test('an error of the code is told with its class, message and stack', async () => {
      await using guest = await subject.load('failing');
      const { failure } = await guest.invoke();
      assert.deepEqual(
        [failure?.code, failure?.name, failure?.message],
        ['FUNCTION_THREW', 'ShopError', 'no stock'],
      );
      assert.match(failure!.stack, /no stock/);
      assert.match(failure!.stack, /index\.\w+/);
      assert.equal(failure?.fatal, false);
      assert.equal((await guest.invoke()).failure?.name, 'ShopError');
    });

    test('code that ends its process fails its calls', async () => {
      await using guest = await subject.load('exiting');
      const { failure } = await guest.invoke();
      assert.deepEqual([failure?.code, failure?.fatal], ['FUNCTION_EXITED', true]);
      assert.deepEqual(await guest.exit(), { code: 3, signal: null });
    });

    test('lines come before the answer of the call that printed them', async () => {
      await using guest = await subject.load('printing');
      const call = guest.call({ id: 'r-7' });
      await call.headSeen;
      assert.deepEqual(
        guest.logs.map(({ message, level, requestId }) => [message, level, requestId]),
        [['first', 'info', 'r-7']],
      );
    });

    test('a response waits for a client that does not read, and goes on when it does', async () => {
      await using guest = await subject.load('echo');
      const call = guest.call({
        http: { method: 'POST', headers: ['x-mode', 'stream'] },
        body: '',
        end: false,
      });
      call.consuming = false;
      const size = 512 * 1024;
      for (let sent = 0; sent < size; sent += 64 * 1024)
        call.chunk(Buffer.alloc(64 * 1024, 1), sent + 64 * 1024 === size);
      await eventually(() => call.receivedBytes === STREAM_WINDOW_BYTES, 'a full window');
      call.consuming = true;
      call.consume();
      assert.equal((await call.answer).body.length, size);
    });

    test('a cancelled call fails the reading of its body and ends its stream', async () => {
      await using guest = await subject.load('echo');
      const call = guest.call({ http: { method: 'POST' }, body: 'part', end: false });
      call.cancel();
      assert.equal((await call.answer).failure?.code, 'FUNCTION_THREW');
      assert.equal((await guest.invoke({ http: { method: 'POST' }, body: 'next' })).body.toString(), 'next');
    });

    test('a drained guest finishes its calls and ends with 0', async () => {
      await using guest = await subject.load('echo');
      const call = guest.call({ http: { method: 'POST' }, body: 'a', end: false });
      guest.drain();
      call.chunk('b', true);
      assert.equal((await call.answer).body.toString(), 'ab');
      assert.deepEqual(await guest.exit(), { code: 0, signal: null });
    });

    test('a guest becomes a function once in its life', async () => {
      await using guest = await subject.load('fixed');
      const failure = await guest.specialise();
      assert.deepEqual([failure?.code, failure?.fatal], ['FUNCTION_INIT_FAILED', false]);
      assert.equal((await guest.invoke()).body.toString(), 'x');
    });

    test('a guest that has booted and is not needed ends with 0', async () => {
      await using guest = await subject.boot();
      await guest.booted;
      guest.drain();
      assert.deepEqual(await guest.exit(), { code: 0, signal: null });
    });

    test('a small answer is one frame', async () => {
      await using guest = await subject.load('fixed');
      const { frames, cpuUs } = await guest.invoke();
      assert.deepEqual(frames, ['HEAD+END+DONE']);
      assert.ok(cpuUs >= 0);
    });
  });
}
