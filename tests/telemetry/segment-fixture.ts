import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SegmentCodec } from '../../src/adapters/segments/codec.ts';
import { SegmentDirectory } from '../../src/adapters/segments/segment-directory.ts';
import { type SegmentLimits, USAGE_SEGMENT_LIMITS } from '../../src/adapters/segments/segment-limits.ts';
import { SegmentStore } from '../../src/adapters/segments/segment-store.ts';
import type { LogRecord, UsageRecord } from '../../src/domain/invocation.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Rollup } from '../../src/ports/telemetry.ts';

export const ALL = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

const realClock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  now(): number {
    return this.ms;
  }

  wall(): number {
    return this.ms;
  }
}

export async function makeFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-segments-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Nothing happens by itself: no flush, no rotation, no retention. */
const QUIET_LIMITS: SegmentLimits = {
  ...USAGE_SEGMENT_LIMITS,
  flushIntervalMs: 3_600_000,
  maintenanceIntervalMs: 3_600_000,
  ageMsMax: Number.MAX_SAFE_INTEGER,
};

export function openStore<T, S = never>(
  path: string,
  codec: SegmentCodec<T>,
  options: {
    limits?: Partial<SegmentLimits>;
    clock?: Clock;
    rollup?: Rollup<T, S>;
    directory?: SegmentDirectory;
    onFailure?: () => void;
  } = {},
): Promise<SegmentStore<T, S>> {
  const { limits, rollup, onFailure } = options;
  return SegmentStore.open<T, S>({
    directory: options.directory ?? new SegmentDirectory(path),
    codec,
    limits: { ...QUIET_LIMITS, ...limits },
    clock: options.clock ?? realClock,
    ...(rollup === undefined ? {} : { rollup }),
    ...(onFailure === undefined ? {} : { onFailure }),
  });
}

export async function collect<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const record of records) all.push(record);
  return all;
}

export function usageRecord(changes: Partial<UsageRecord> = {}): UsageRecord {
  const app = changes.app ?? 'shop';
  const name = changes.function ?? 'hello';
  return {
    requestId: '0123456789abcdef0123456789abcdef',
    at: 1_763_700_000_000,
    versionKey: `${app}/production/${name}@00112233445566ff`,
    project: 'default',
    app,
    environment: 'production',
    function: name,
    version: '00112233445566ff',
    release: 'r-0123456789ab',
    trigger: 'http',
    queuedMs: 0.25,
    initMs: 0,
    durationMs: 3.5,
    billedMs: 4,
    memoryMb: 256,
    cpuUs: 1_200,
    cold: false,
    outcome: 'ok',
    status: 200,
    bytesIn: 0,
    bytesOut: 17,
    ...changes,
  };
}

export function logRecord(changes: Partial<LogRecord> = {}): LogRecord {
  return {
    time: 1_763_700_000_000,
    level: 'info',
    app: 'shop',
    environment: 'production',
    function: 'hello',
    version: '00112233445566ff',
    requestId: null,
    message: 'said hello',
    fields: null,
    ...changes,
  };
}
