import assert from 'node:assert/strict';
import { type Duplex, duplexPair, PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  encodeFrame,
  encodeJsonFrame,
  encodeMetaFrame,
  FrameFlag,
  FrameReader,
  FrameType,
} from '../../src/contract/frames.ts';
import type { CallSink } from '../../src/dataplane/dispatch/call.ts';
import { Dispatcher } from '../../src/dataplane/dispatch/dispatcher.ts';
import { LiveRelease } from '../../src/dataplane/dispatch/live-release.ts';
import { DEFAULT_SCHEDULER_LIMITS } from '../../src/dataplane/scheduler/limits.ts';
import type { MayflyError } from '../../src/domain/errors.ts';
import type { FunctionVersion } from '../../src/domain/function-version.ts';
import type { LogRecord, UsageRecord } from '../../src/domain/invocation.ts';
import type { ArtifactStore } from '../../src/ports/artifacts.ts';
import type { Sandbox, SandboxDriver, SandboxExit } from '../../src/ports/sandbox.ts';
import type { RecordStore } from '../../src/ports/telemetry.ts';
import { LogSink } from '../../src/services/logs/log-sink.ts';

const VERSION = {
  key: 'app/production/f@1',
  project: 'p',
  app: 'app',
  environment: 'production',
  name: 'f',
  version: '1',
  artifact: 'a',
  handler: { file: 'f.mjs', export: 'default' },
  runtime: 'nodejs24',
  dialect: 'fetch',
  env: {},
  limits: {
    memoryMb: 128,
    timeoutMs: 5_000,
    initTimeoutMs: 5_000,
    network: 'none',
    perInstance: 1,
    maxInstances: 10,
    provisioned: 0,
    queueMax: 10,
    queueTimeoutMs: 5_000,
    keepAliveMs: null,
  },
} satisfies FunctionVersion;
const SNAPSHOT = {
  app: 'app',
  environment: 'production',
  release: 'r',
  pin: 'r.0',
  functions: new Map([['f', VERSION]]),
  routes: [],
};
const RELEASE = new LiveRelease(SNAPSHOT, { entered() {}, left() {} });
const NOW = 1_700_000_000_000;
const { BOOTED, SPECIALISE, SPECIALISED, INVOKE, DRAIN, HEAD, LOG, ERROR } = FrameType;
const SPOKEN = { time: NOW - 5, level: 'info', requestId: null, message: 'hello' };

/** A sandbox in this process whose guest answers each call with what the test says. */
function sandboxOf(id: string, answer: (guest: Duplex, stream: number) => void): Sandbox {
  const [channel, guest] = duplexPair();
  const { promise: exited, resolve } = Promise.withResolvers<SandboxExit>();
  const reader = new FrameReader((type, _flags, stream) => {
    if (type === SPECIALISE) guest.write(encodeJsonFrame(SPECIALISED, 0, { initMs: 1 }));
    else if (type === INVOKE) answer(guest, stream);
    else if (type === DRAIN) resolve({ reason: 'exit', code: 0, signal: null });
  });
  guest.on('data', (chunk: Buffer) => reader.push(chunk));
  guest.write(encodeJsonFrame(BOOTED, 0, { protocol: 1, runtime: 'nodejs24', pid: 1 }));
  return {
    id,
    pid: 1,
    channel,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exited,
    constrain() {},
    giveCode: async () => '/var/task',
    freeze() {},
    thaw() {},
    memory: () => ({ usedMb: 0, peakMb: 0 }),
    kill: () => resolve({ reason: 'killed', code: null, signal: 'SIGKILL' }),
  };
}

describe('a guest that lies', () => {
  const logs: LogRecord[] = [];
  const ledger: UsageRecord[] = [];
  let answer: (guest: Duplex, stream: number) => void;
  let dispatcher: Dispatcher;
  let logSink: LogSink;
  beforeEach(() => {
    logs.length = 0;
    ledger.length = 0;
    const clock = { now: () => performance.now(), wall: () => NOW };
    logSink = new LogSink(
      { append: (record: LogRecord) => logs.push(record) } as unknown as RecordStore<LogRecord>,
      clock,
    );
    let started = 0;
    const driver = {
      start: async () => sandboxOf(`s${started++}`, (guest, stream) => answer(guest, stream)),
      close: async () => {},
    } as unknown as SandboxDriver;
    const tree = { artifact: 'a', path: '/', codeBytes: 0, compileCache: null };
    const artifacts = { takeTree: async () => tree, returnTree() {} } as unknown as ArtifactStore;
    const telemetry = {
      usage: (record: UsageRecord) => ledger.push(record),
      log: (line: LogRecord) => logSink.log(line),
    };
    dispatcher = new Dispatcher(
      {
        driver,
        artifacts,
        telemetry,
        clock,
        load: { runnablePerCpu: () => 0 },
        gateway: Promise.resolve({ url: 'http://127.0.0.1:8080', domains: ['localhost'] }),
        onDefect: (error) => assert.fail(error),
      },
      { ...DEFAULT_SCHEDULER_LIMITS, prewarmMin: 0 },
    );
  });
  afterEach(async () => {
    await dispatcher.close(0);
    logSink.close();
  });

  /** One call: its error's code, or null. */
  const call = (): Promise<string | null> =>
    new Promise((resolve) => {
      let code: string | null = null;
      const sink: CallSink = {
        head() {},
        chunk() {},
        writable() {},
        fail: (error: MayflyError) => {
          code = error.code;
        },
        settled: () => resolve(code),
      };
      const message = { id: 'id', traceparent: 't' };
      dispatcher.submit(dispatcher.make(VERSION, RELEASE, 'http', message, null, true, sink));
    });
  const fine = (guest: Duplex, stream: number): void => {
    guest.write(encodeMetaFrame(HEAD, 0, stream, '{"status":200,"headers":[]}', null, 7));
  };

  const lies: Record<string, unknown> = {
    'is null': null,
    'is a list': [],
    'has a time in words': { ...SPOKEN, time: 'now' },
    'has a time that is no whole number': { ...SPOKEN, time: 0.5 },
    'has an unknown level': { ...SPOKEN, level: 'fatal' },
    'has a number for a message': { ...SPOKEN, message: 7 },
    'has no message': { ...SPOKEN, message: undefined },
    'has a request that is an object': { ...SPOKEN, requestId: {} },
    'has fields that are text': { ...SPOKEN, fields: 'a' },
  };
  for (const [what, lie] of Object.entries(lies)) {
    test(`a log line that ${what} ends its instance, and the next call is served`, async () => {
      answer = (guest) => guest.write(encodeJsonFrame(LOG, 0, [SPOKEN, lie]));
      assert.equal(await call(), 'FUNCTION_PROTOCOL');
      answer = fine;
      assert.equal(await call(), null);
      assert.deepEqual(logs, []);
      assert.deepEqual(
        ledger.map(({ outcome }) => outcome),
        ['FUNCTION_PROTOCOL', 'ok'],
      );
    });
  }

  test('a call that is given up before it was submitted ends once, and is counted once', () => {
    let settled = 0;
    const sink: CallSink = {
      head() {},
      chunk() {},
      writable() {},
      fail() {},
      settled: () => void settled++,
    };
    const message = { id: 'id', traceparent: 't' };
    const given = dispatcher.make(VERSION, RELEASE, 'http', message, null, true, sink);
    given.abort('CLIENT_CLOSED');
    dispatcher.submit(given);
    assert.equal(settled, 1);
    assert.equal(RELEASE.calls, 0);
    assert.equal(dispatcher.counts().inFlight, 0);
    assert.deepEqual(
      ledger.map(({ outcome }) => outcome),
      ['CLIENT_CLOSED'],
    );
  });

  test('a line from the future is dated now, a huge one cut, and both belong to the call that runs', async () => {
    answer = (guest, stream) => {
      const lines = [{ ...SPOKEN, time: 9e15 }, SPOKEN, { ...SPOKEN, message: 'x'.repeat(900_000) }];
      guest.write(encodeJsonFrame(LOG, 0, lines));
      fine(guest, stream);
    };
    assert.equal(await call(), null);
    assert.deepEqual(
      logs.map(({ time, requestId }) => [time, requestId]),
      [
        [NOW, 'id'],
        [NOW - 5, 'id'],
        [NOW - 5, 'id'],
      ],
    );
    assert.ok(logs[2]!.message.length < 70_000);
  });

  test('a guest that becomes a function twice, fails without need, or answers for others is ended', async () => {
    const failure = {
      code: 'FUNCTION_INIT_FAILED',
      name: 'E',
      message: '',
      stack: '',
      cpuUs: 0,
      fatal: true,
    };
    for (const frame of [
      encodeJsonFrame(SPECIALISED, 0, { initMs: 1 }),
      encodeJsonFrame(ERROR, 0, failure),
      encodeMetaFrame(HEAD, FrameFlag.END, 999, '{"status":200,"headers":[]}'),
      encodeFrame(200, 0, 0),
    ]) {
      answer = (guest) => guest.write(frame);
      assert.equal(await call(), 'FUNCTION_PROTOCOL');
    }
    answer = fine;
    assert.equal(await call(), null);
  });

  test('figures beyond belief do not reach the ledger', async () => {
    answer = (guest, stream) =>
      guest.write(encodeFrame(ERROR, 0, stream, Buffer.from('{"code":"FUNCTION_THREW","cpuUs":1e999}')));
    assert.equal(await call(), 'FUNCTION_THREW');
    assert.equal(ledger[0]!.cpuUs, 0xffffffff);
  });
});
