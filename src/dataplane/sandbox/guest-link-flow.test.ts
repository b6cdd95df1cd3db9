import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import {
  CHUNK_BYTES_MAX,
  encodeChunkFrame,
  encodeFrame,
  encodeMetaFrame,
  encodeU32Frame,
  FrameReader,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../contract/frames.ts';
import type { SpecialiseMessage } from '../../contract/guest-messages.ts';
import { GuestLink } from './guest-link.ts';
import type { StreamEvents } from './guest-stream.ts';

const IGNORED: StreamEvents = { head() {}, chunk() {}, writable() {}, settled() {}, failed() {} };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A link and, at the other end of its channel, a guest that notes what comes. */
function connect(perInstance: number) {
  const [platform, guest] = duplexPair();
  const frames: { type: number; flags: number; stream: number; bytes: number }[] = [];
  const violated: string[] = [];
  const reader = new FrameReader((type, flags, stream, { length }) =>
    frames.push({ type, flags, stream, bytes: length }),
  );
  guest.on('data', (chunk: Buffer) => reader.push(chunk));
  let writes = 0;
  const write = platform.write.bind(platform);
  platform.write = ((chunk: Buffer) => {
    writes++;
    return write(chunk);
  }) as typeof platform.write;
  const link = new GuestLink(platform, {
    booted() {},
    specialised() {},
    initFailed() {},
    log() {},
    violated: (what) => violated.push(what),
  });
  link.specialise({ makeCompileCache: false } as SpecialiseMessage, perInstance);
  return { link, guest, platform, frames, violated, writes: () => writes };
}

test('the request body stops at the window and goes on with credit', async () => {
  const { link, guest, violated } = connect(1);
  let writable = 0;
  const stream = link.open('{}', Buffer.alloc(CHUNK_BYTES_MAX), false, {
    ...IGNORED,
    writable: () => writable++,
  });
  const part = Buffer.alloc(CHUNK_BYTES_MAX);
  let open = true;
  let written = part.length;
  while (open) {
    open = stream.write(part, false);
    written += part.length;
  }
  assert.equal(written, STREAM_WINDOW_BYTES);
  guest.write(encodeU32Frame(FrameType.CREDIT, stream.id, CHUNK_BYTES_MAX));
  await turn();
  assert.equal(writable, 1);
  assert.equal(stream.write(part, false), false);
  guest.write(encodeU32Frame(FrameType.CREDIT, stream.id, STREAM_WINDOW_BYTES));
  await turn();
  assert.equal(writable, 2);
  assert.deepEqual(violated, []);
  guest.write(encodeU32Frame(FrameType.CREDIT, stream.id, 1));
  await turn();
  assert.equal(violated.length, 1);
});

test('a large part is cut into frames, and only the last one ends the body', async () => {
  const { link, frames } = connect(1);
  const stream = link.open('{}', null, false, IGNORED);
  stream.write(Buffer.alloc(2 * CHUNK_BYTES_MAX + 1), true);
  await turn();
  const chunks = frames.filter(({ type }) => type === FrameType.CHUNK);
  assert.deepEqual(
    chunks.map(({ bytes, flags }) => [bytes, flags]),
    [
      [CHUNK_BYTES_MAX, 0],
      [CHUNK_BYTES_MAX, 0],
      [1, 1],
    ],
  );
  stream.write(Buffer.alloc(0), true);
  await turn();
  assert.deepEqual([frames.at(-1)!.bytes, frames.at(-1)!.flags], [0, 1]);
});

test('the response window opens again as the client takes bytes, in portions', async () => {
  const { link, guest, frames, violated } = connect(1);
  const stream = link.open('{}', null, true, IGNORED);
  const part = Buffer.alloc(CHUNK_BYTES_MAX);
  guest.write(encodeMetaFrame(FrameType.HEAD, 0, stream.id, '{"status":200,"headers":[]}', part));
  for (let sent = part.length; sent < STREAM_WINDOW_BYTES; sent += part.length)
    guest.write(encodeChunkFrame(0, stream.id, part));
  await turn();
  const credits = (): number[] =>
    frames.filter(({ type }) => type === FrameType.CREDIT).map(({ stream: id }) => id);
  stream.consumed(CHUNK_BYTES_MAX - 1);
  await turn();
  assert.deepEqual(credits(), []);
  stream.consumed(1);
  await turn();
  assert.deepEqual(credits(), [stream.id]);
  guest.write(encodeChunkFrame(0, stream.id, part));
  await turn();
  assert.deepEqual(violated, []);
  guest.write(encodeChunkFrame(0, stream.id, Buffer.from('x')));
  await turn();
  assert.equal(violated.length, 1);
});

test('an instance of many calls gets all frames of a turn in order and in one write', async () => {
  const { link, frames, writes } = connect(10);
  await turn();
  const before = writes();
  const streams = Array.from({ length: 5 }, () => link.open('{}', null, false, IGNORED));
  for (const stream of streams) stream.write(Buffer.from('abc'), true);
  streams[0]!.cancel();
  link.drain();
  await turn();
  await turn();
  assert.equal(writes() - before, 1);
  const { SPECIALISE, INVOKE, CHUNK, CANCEL, DRAIN } = FrameType;
  assert.deepEqual(
    frames.map(({ type, stream }) => [type, stream]),
    [
      [SPECIALISE, 0],
      ...streams.map(({ id }) => [INVOKE, id]),
      ...streams.map(({ id }) => [CHUNK, id]),
      [CANCEL, 1],
      [DRAIN, 0],
    ],
  );
  link.open('{}', null, true, IGNORED);
  link.close();
  await turn();
  assert.equal(writes() - before, 1, 'nothing is sent after the end');
});

test('a socket that fails ends the link without a violation', async () => {
  const { link, platform, violated, frames } = connect(1);
  await turn();
  platform.destroy(new Error('gone'));
  await turn();
  const before = frames.length;
  link.open('{}', null, true, IGNORED);
  link.drain();
  await turn();
  assert.deepEqual([frames.length, violated], [before, []]);
});

test('a frame that comes byte by byte is told once and whole', () => {
  const told: Buffer[] = [];
  const reader = new FrameReader((_type, _flags, _stream, payload) => told.push(Buffer.from(payload)));
  const payload = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251));
  const bytes = Buffer.concat([
    encodeFrame(1, 0, 1, payload),
    encodeFrame(2, 0, 1),
    encodeFrame(3, 0, 1, payload),
  ]);
  for (let at = 0; at < bytes.length; at++) reader.push(bytes.subarray(at, at + 1));
  assert.deepEqual(
    told.map(({ length }) => length),
    [payload.length, 0, payload.length],
  );
  assert.ok(told[0]!.equals(payload) && told[2]!.equals(payload));
});
