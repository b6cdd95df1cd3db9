import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import {
  encodeChunkFrame,
  encodeFrame,
  encodeMetaFrame,
  encodeU32Frame,
  FrameFlag,
  FrameType,
} from '../../src/contract/frames.ts';
import { GuestDriver } from './guest-driver.ts';

after(() => GuestDriver.clean());

const ECHO = `export default {
  async fetch(request) {
    const mode = request.headers.get('x-mode');
    if (mode === 'stream') return new Response(request.body);
    if (mode === 'text') return new Response(await request.arrayBuffer());
    return new Uint8Array(await request.arrayBuffer());
  },
};`;

test('a body in any pieces comes back as it was', async () => {
  await using guest = await GuestDriver.load(ECHO);
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
  await using guest = await GuestDriver.load(ECHO);
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

const INVOKE = JSON.stringify({
  id: 'x',
  release: 'r',
  deadline: 0,
  traceparent: '',
  http: { method: 'GET', url: 'http://a/', headers: [], params: {} },
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
    await using guest = await GuestDriver.load('export default () => "x";');
    guest.send(frame);
    assert.deepEqual(await guest.exit(), { code: 76, signal: null });
  });
}

test('a call before the function has come ends the guest', async () => {
  await using guest = await GuestDriver.boot();
  guest.send(encodeMetaFrame(FrameType.INVOKE, FrameFlag.END, 1, INVOKE));
  assert.deepEqual(await guest.exit(), { code: 76, signal: null });
});

test('frames for calls that are over are ignored', async () => {
  await using guest = await GuestDriver.load('export default () => "x";');
  await guest.invoke();
  guest.send(encodeFrame(FrameType.CANCEL, 0, 1));
  guest.send(encodeChunkFrame(FrameFlag.END, 1, Buffer.from('late')));
  guest.send(encodeU32Frame(FrameType.CREDIT, 1, 10));
  assert.equal((await guest.invoke()).body.toString(), 'x');
});

test('a message of a wrong shape fails one call or the loading, not the guest', async () => {
  await using guest = await GuestDriver.load('export default () => "x";');
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
        await using guest = loaded
          ? await GuestDriver.load('export default () => "x";')
          : await GuestDriver.boot();
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
