import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeMeta,
  FrameFlag,
  FrameReader,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../src/contract/frames.ts';
import { ResponseStream } from './response-stream.ts';

/** A stream whose frames are collected, and the body and settling that they add up to. */
function collected() {
  const frames: string[] = [];
  const parts: Buffer[] = [];
  let settled = 0;
  let cpuUs = -1;
  const reader = new FrameReader((type, flags, _stream, payload) => {
    const done = (flags & FrameFlag.DONE) !== 0;
    const name = Object.entries(FrameType).find(([, value]) => value === type)![0];
    frames.push(`${name}${(flags & FrameFlag.END) === 0 ? '' : '+END'}${done ? '+DONE' : ''}`);
    if (type === FrameType.HEAD) {
      const { body, cpuUs: told } = decodeMeta(payload, flags);
      if (body !== null) parts.push(Buffer.from(body));
      if (done) cpuUs = told;
    } else if (type === FrameType.CHUNK) {
      parts.push(Buffer.from(done ? payload.subarray(0, -4) : payload));
      if (done) cpuUs = payload.readUInt32LE(payload.length - 4);
    } else {
      cpuUs = payload.readUInt32LE(0);
    }
  });
  const sink = { send: (frame: Buffer) => reader.push(frame) };
  const stream = new ResponseStream(1, sink, () => {
    settled += 1;
  });
  return {
    stream,
    frames,
    body: () => Buffer.concat(parts),
    received: () => parts.reduce((bytes, part) => bytes + part.length, 0),
    settled: () => settled,
    cpuUs: () => cpuUs,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('an answer that settles at once is one frame, whichever way it was given', () => {
  const whole = collected();
  whole.stream.whole(200, ['a', 'b'], 'text');
  whole.stream.settle(() => 7);
  assert.deepEqual([whole.frames, whole.body().toString(), whole.cpuUs()], [['HEAD+END+DONE'], 'text', 7]);
  const pieces = collected();
  pieces.stream.head(200, []);
  pieces.stream.chunk(Buffer.from('text'));
  pieces.stream.end();
  pieces.stream.settle(() => 8);
  assert.deepEqual([pieces.frames, pieces.body().toString(), pieces.cpuUs()], [['HEAD+END+DONE'], 'text', 8]);
});

test('what can not wait leaves at the end of the turn', async () => {
  const { stream, frames } = collected();
  stream.head(200, []);
  await turn();
  stream.chunk(Buffer.from('a'));
  await turn();
  stream.chunk(Buffer.from('b'));
  stream.end();
  await turn();
  stream.settle(() => 1);
  assert.deepEqual(frames, ['HEAD', 'CHUNK', 'CHUNK+END', 'DONE']);
});

test('whatever comes out of order throws and changes nothing', () => {
  const { stream, frames } = collected();
  assert.throws(() => stream.chunk(Buffer.from('x')), /before the head/);
  assert.throws(() => stream.end(), /before its head/);
  for (const status of [0, 101, 199, 600, 200.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => stream.head(status, []), /status/);
  }
  assert.throws(() => stream.head(200, ['bad name', 'x']), /header name/);
  for (const value of ['a\nb', 'a\rb', '\0', '\u0100'])
    assert.throws(() => stream.head(200, ['a', value]), /value/);
  assert.throws(() => stream.head(200, ['a']), /value/);
  stream.head(200, []);
  assert.throws(() => stream.head(200, []), /second head/);
  assert.throws(() => stream.whole(200, [], null), /second head/);
  stream.end();
  assert.throws(() => stream.end(), /twice/);
  assert.throws(() => stream.chunk(Buffer.from('x')), /after the end/);
  stream.settle(() => 0);
  assert.deepEqual(frames, ['HEAD+END+DONE']);
});

test('any body under any credits arrives whole, inside the window, with one END and one DONE', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 5_000, max: 200_000 }), { minLength: 1, maxLength: 8 }),
      async (sizes, credits) => {
        const { stream, frames, body, received, settled, cpuUs } = collected();
        const parts = sizes.map((size, at) => Buffer.alloc(size, at + 1));
        let credited = 0;
        let finished = false;
        const writing = (async () => {
          stream.head(200, []);
          for (const part of parts) await stream.chunk(part);
          stream.end();
          stream.settle(() => 5);
          finished = true;
        })();
        for (let at = 0; !finished || settled() === 0; at += 1) {
          await turn();
          assert.ok(received() - credited <= STREAM_WINDOW_BYTES, 'the window was passed');
          const credit = Math.min(credits[at % credits.length]!, received() - credited);
          credited += credit;
          if (credit > 0) stream.credit(credit);
        }
        await writing;
        assert.ok(body().equals(Buffer.concat(parts)));
        assert.equal(settled(), 1);
        assert.equal(cpuUs(), 5);
        assert.equal(frames.filter((name) => name.includes('DONE')).length, 1);
        assert.equal(frames.filter((name) => name.includes('END')).length, 1);
      },
    ),
    { numRuns: 60 },
  );
});

test('a discarded answer keeps its frames and drops its body, and lets its writer go on', async () => {
  const { stream, frames, body, settled } = collected();
  stream.head(200, []);
  const stuck = stream.chunk(Buffer.alloc(STREAM_WINDOW_BYTES * 2));
  await turn();
  const before = body().length;
  stream.discard();
  await stuck;
  assert.equal(stream.chunk(Buffer.alloc(10)), undefined);
  stream.end();
  stream.settle(() => 1);
  assert.equal(body().length, before);
  assert.equal(settled(), 1);
  assert.equal(frames.at(-1), 'CHUNK+END+DONE');
});
