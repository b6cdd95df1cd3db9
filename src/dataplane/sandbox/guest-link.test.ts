import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CHUNK_BYTES_MAX,
  encodeChunkFrame,
  encodeFrame,
  encodeJsonFrame,
  encodeMetaFrame,
  encodeU32Frame,
  FRAME_PAYLOAD_BYTES_MAX,
  FrameFlag,
  FrameReader,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../contract/frames.ts';
import type { SpecialiseMessage } from '../../contract/guest-messages.ts';
import { GuestLink } from './guest-link.ts';
import type { GuestStream } from './guest-stream.ts';

const seed = Date.now() & 0x7fffffff;
console.log(`# fast-check seed ${seed}`);
const check = (runs: number) => ({ seed, numRuns: runs });

const { HEAD, CHUNK, CREDIT, ERROR, DONE, LOG, BOOTED, SPECIALISED, CACHE } = FrameType;
const { END } = FrameFlag;
const OK = '{"status":200,"headers":[]}';
const json = (type: number, stream: number, value: unknown) => encodeJsonFrame(type, stream, value);
const text = (type: number, stream: number, payload: string) =>
  encodeFrame(type, 0, stream, Buffer.from(payload));
const head = (stream: number, meta: string, body: Buffer | null = null, flags = 0) =>
  encodeMetaFrame(HEAD, flags, stream, meta, body);
const booted = json(BOOTED, 0, { protocol: 1, runtime: 'nodejs24', pid: 7 });
const specialised = json(SPECIALISED, 0, { initMs: 3 });
const failure = { code: 'FUNCTION_THREW', name: 'E', message: 'm', stack: 's', cpuUs: 1, fatal: false };
const line = { time: 1, level: 'info', requestId: null, message: 'hello' };

/** A link whose guest is whatever the test pushes; every event becomes a line of `told`. */
function open({ specialise = true, makeCompileCache = false, perInstance = 1 } = {}) {
  const told: string[] = [];
  const sent: { type: number; flags: number; stream: number; payload: Buffer }[] = [];
  const writes: Buffer[] = [];
  const channel = new PassThrough();
  const reader = new FrameReader((type, flags, stream, payload) => {
    sent.push({ type, flags, stream, payload });
  });
  // What the platform writes is looked at and goes nowhere; what the guest says is emitted as it would be read.
  channel.write = ((frame: Buffer) => {
    writes.push(frame);
    reader.push(frame);
    return true;
  }) as typeof channel.write;
  const link = new GuestLink(channel, {
    booted: () => told.push('booted'),
    specialised: ({ initMs }, cache) => told.push(`specialised ${initMs} ${cache?.files.size ?? 0}`),
    initFailed: ({ code }) => told.push(`initFailed ${code}`),
    log: (messages) => {
      for (const { time, level, requestId, message, fields } of messages)
        told.push(`log ${time} ${level} ${requestId} ${message.length} ${JSON.stringify(fields)}`);
    },
    violated: (what) => told.push(`violated ${what}`),
  });
  if (specialise) link.specialise({ makeCompileCache } as SpecialiseMessage, perInstance);
  const call = (body: Buffer | null = null, end = true): GuestStream =>
    link.open('{"id":"x"}', body, end, {
      head: ({ status }, part, last) => told.push(`head ${status} ${part?.length ?? 0} ${last}`),
      chunk: (part, last) => told.push(`chunk ${part.length} ${last}`),
      writable: () => told.push('writable'),
      settled: (cpuUs) => told.push(`settled ${cpuUs}`),
      failed: ({ code, cpuUs, name }) => told.push(`failed ${code} ${cpuUs} ${name.length}`),
    });
  const push = (...frames: Buffer[]): void => {
    for (const frame of frames) channel.emit('data', frame);
  };
  return { link, told, sent, writes, push, call };
}

const violations = (told: readonly string[]): string[] =>
  told.filter((entry) => entry.startsWith('violated'));

describe('the host end of the guest protocol', () => {
  const window = Buffer.alloc(STREAM_WINDOW_BYTES);
  const cases: Record<string, Buffer[]> = {
    'chunk before head': [encodeChunkFrame(0, 1, Buffer.from('x'))],
    'second head': [head(1, OK), head(1, OK)],
    'head after end': [head(1, OK, null, END), head(1, OK)],
    'chunk after end': [head(1, OK, null, END), encodeChunkFrame(0, 1, Buffer.from('x'))],
    'done before end': [head(1, OK), encodeU32Frame(DONE, 1, 5)],
    'done before head': [encodeU32Frame(DONE, 1, 5)],
    'done of a wrong size': [head(1, OK, null, END), encodeFrame(DONE, 0, 1, Buffer.alloc(3))],
    'last part without CPU time': [head(1, OK), encodeFrame(CHUNK, FrameFlag.DONE, 1, Buffer.alloc(3))],
    'credit of a wrong size': [encodeFrame(CREDIT, 0, 1, Buffer.alloc(5))],
    'credit for what was not sent': [encodeU32Frame(CREDIT, 1, 1)],
    'a call that was never made': [head(2, OK)],
    'a frame type of the platform': [encodeFrame(FrameType.INVOKE, 0, 1)],
    'an unknown type about the instance': [encodeFrame(99, 0, 0)],
    'an unknown type about a call': [encodeFrame(99, 0, 1)],
    'a frame over the limit': [
      (() => {
        const header = encodeFrame(LOG, 0, 0);
        header.writeUInt32LE(FRAME_PAYLOAD_BYTES_MAX + 1, 0);
        return header;
      })(),
    ],
    'meta longer than the frame': [encodeFrame(HEAD, 0, 1, Buffer.from([255, 0, 0, 0, 123]))],
    'meta without its length': [encodeFrame(HEAD, 0, 1, Buffer.from([1, 0]))],
    'meta that is no JSON': [head(1, '{')],
    'more body than the window in the head': [head(1, OK, Buffer.concat([window, Buffer.from('x')]))],
    'more body than the window': [head(1, OK, window), encodeChunkFrame(0, 1, Buffer.from('x'))],
    'a failure without a code': [json(ERROR, 1, { message: 'x' })],
    'a failure that is null': [text(ERROR, 1, 'null')],
    'a failure with a code of the platform': [json(ERROR, 1, { ...failure, code: 'INTERNAL' })],
    'a failure whose name is no text': [json(ERROR, 1, { ...failure, name: { toString: 1, valueOf: 1 } })],
    'a second boot': [booted, booted],
    'a boot of another protocol': [json(BOOTED, 0, { protocol: 2 })],
    'a boot that is null': [text(BOOTED, 0, 'null')],
    'specialised twice': [specialised, specialised],
    'a failure after it was loaded': [specialised, json(ERROR, 0, failure)],
    'specialised without a time': [json(SPECIALISED, 0, {})],
    'specialised null': [text(SPECIALISED, 0, 'null')],
    'a cache that it was not asked for': [encodeMetaFrame(CACHE, 0, 0, '{"tag":"a","file":"b"}')],
    'a log that is no list': [json(LOG, 0, { ...line })],
    'a log that is no JSON': [text(LOG, 0, '[{]')],
    'a log of null': [json(LOG, 0, [line, null])],
    'a log of a list': [json(LOG, 0, [[]])],
    'a log time that is no number': [json(LOG, 0, [{ ...line, time: '1' }])],
    'a log time that is infinite': [text(LOG, 0, JSON.stringify([line]).replace('1', '1e999'))],
    'a log level that is unknown': [json(LOG, 0, [{ ...line, level: 'constructor' }])],
    'a log message that is no text': [json(LOG, 0, [{ ...line, message: 5 }])],
    'a log request that is no text': [json(LOG, 0, [{ ...line, requestId: {} }])],
    'a log request that is endless': [json(LOG, 0, [{ ...line, requestId: 'x'.repeat(100_000) }])],
    'log fields that are a list': [json(LOG, 0, [{ ...line, fields: [1] }])],
    'log fields that are null': [json(LOG, 0, [{ ...line, fields: null }])],
  };
  for (const status of ['99', '100', '199', '600', '700', '-1', '200.5', '"200"', 'null', '1e999'])
    cases[`status ${status}`] = [head(1, `{"status":${status},"headers":[]}`)];
  for (const meta of ['null', '[]', '5', '{"status":200}', '{"status":200,"headers":{}}'])
    cases[`head ${meta}`] = [head(1, meta)];

  for (const [what, frames] of Object.entries(cases)) {
    test(`${what} is a violation, and nothing follows`, () => {
      const { told, push, call, link } = open();
      call();
      push(...frames);
      assert.equal(violations(told).length, 1, told.join('\n'));
      const before = told.length;
      push(booted, specialised, ...frames, head(1, OK, null, END), encodeU32Frame(DONE, 1, 1));
      link.drain();
      assert.equal(told.length, before);
    });
  }

  test('nothing is sent to a guest that broke the protocol', () => {
    const { push, call, sent, link } = open();
    const stream = call(null, false);
    push(encodeFrame(99, 0, 0));
    const before = sent.length;
    stream.write(Buffer.from('x'), true);
    stream.cancel();
    link.drain();
    assert.equal(sent.length, before);
  });

  test('a guest cannot become a function unasked', () => {
    for (const frame of [specialised, json(ERROR, 0, { ...failure, code: 'FUNCTION_INIT_FAILED' })]) {
      const { told, push } = open({ specialise: false });
      push(booted, frame);
      assert.deepEqual([told[0], violations(told).length, told.length], ['booted', 1, 2]);
    }
  });

  test('what belongs to a call that is over is ignored', () => {
    const { told, push, call, link } = open();
    call();
    link.abandon(call());
    push(
      json(ERROR, 1, failure),
      json(ERROR, 1, failure),
      head(1, OK),
      head(2, '{'),
      encodeU32Frame(DONE, 2, 1),
    );
    assert.deepEqual(told, ['failed FUNCTION_THREW 1 1']);
  });

  test('figures of a failure are bounded, and log lines are passed on as they are', () => {
    const { told, push, call } = open();
    for (const cpuUs of ['-5', '1e999', '"x"', 'null', '1.6']) {
      const { id } = call();
      push(text(ERROR, id, `{"code":"FUNCTION_THREW","cpuUs":${cpuUs}}`));
    }
    push(json(LOG, 0, [line, { ...line, requestId: 'r', fields: { a: 1 } }]));
    push(json(LOG, 0, [{ ...line, message: 'x'.repeat(1_000_000) }]));
    assert.deepEqual(
      told.map((entry) => entry.replace('failed FUNCTION_THREW ', '')),
      [
        '0 5',
        '4294967295 5',
        '0 5',
        '0 5',
        '2 5',
        'log 1 info null 5 undefined',
        'log 1 info r 5 {"a":1}',
        'log 1 info null 1000000 undefined',
      ],
    );
  });

  test('random bytes never throw, and violate at most once', () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
    fc.assert(
      fc.property(bytes, (parts) => {
        const { told, push, call } = open();
        call();
        push(...parts.map((part) => Buffer.from(part)));
        assert.ok(violations(told).length <= 1);
      }),
      check(500),
    );
  });

  test('random frames never throw, violate at most once, and a violation is the last word', () => {
    const meta = fc.oneof(fc.json(), fc.constant(OK));
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((part) => Buffer.from(part)),
      fc.json().map((value) => Buffer.from(value)),
      meta.map((value) => encodeMetaFrame(HEAD, 0, 0, value).subarray(10)),
      fc.constant(Buffer.from(JSON.stringify([line]))),
    );
    const frame = fc
      .tuple(
        fc.constantFrom(HEAD, CHUNK, CREDIT, ERROR, DONE, LOG, BOOTED, SPECIALISED, CACHE),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        payload,
      )
      .map(([type, flags, stream, bytes]) => encodeFrame(type, flags, stream, bytes));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.boolean(), (frames, makeCompileCache) => {
        const { told, push, call } = open({ makeCompileCache });
        call();
        call(Buffer.alloc(100), false);
        push(...frames);
        const at = told.findIndex((entry) => entry.startsWith('violated'));
        assert.ok(at === -1 || at === told.length - 1, told.join('\n'));
        for (const end of ['settled', 'failed'])
          assert.ok(told.filter((entry) => entry.startsWith(end)).length <= 2);
      }),
      check(1_000),
    );
  });

  test('a conversation means the same however its bytes are cut', () => {
    const conversation = Buffer.concat([
      booted,
      json(LOG, 0, [line]),
      specialised,
      head(1, OK, Buffer.from('first')),
      head(2, '{"status":404,"headers":["a","b"]}', null, END),
      encodeChunkFrame(0, 1, Buffer.alloc(CHUNK_BYTES_MAX)),
      encodeU32Frame(CREDIT, 3, 7),
      encodeChunkFrame(0, 1, Buffer.from('last'), 44),
      json(ERROR, 3, failure),
      encodeU32Frame(DONE, 2, 9),
    ]);
    const tell = (cuts: readonly number[]): string[] => {
      const { told, push, call } = open();
      call();
      call();
      call(Buffer.alloc(7), false);
      let from = 0;
      for (const to of [...cuts].sort((a, b) => a - b)) {
        push(conversation.subarray(from, to));
        from = to;
      }
      push(conversation.subarray(from));
      return told;
    };
    const whole = tell([]);
    assert.deepEqual(violations(whole), []);
    assert.deepEqual(whole.slice(-3), ['settled 44', 'failed FUNCTION_THREW 1 1', 'settled 9']);
    const cuts = fc.array(fc.integer({ min: 0, max: conversation.length }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (at) => assert.deepEqual(tell(at), whole)),
      check(300),
    );
    assert.deepEqual(tell(Array.from(conversation.keys())), whole);
  });
});
