import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteAsyncInvocationStore } from '../../src/adapters/sqlite/async-invocation-store.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { SqliteReleaseStore } from '../../src/adapters/sqlite/release-store.ts';
import type { LogLine, LogQuery, UsageQuery } from '../../src/contract/control-api.ts';
import type { ControlLimits } from '../../src/controlplane/api/api-deps.ts';
import { createControlApi } from '../../src/controlplane/api/control-api.ts';
import { startControlPlane } from '../../src/controlplane/control-plane.ts';
import { AccessKeys } from '../../src/controlplane/credentials/access-keys.ts';
import type { RetentionSettings } from '../../src/controlplane/releases/retention.ts';
import type { MayflyError } from '../../src/domain/errors.ts';
import type { Activity } from '../../src/ports/activity-listener.ts';
import type { ArtifactStore } from '../../src/ports/artifacts.ts';
import type { EventCall, EventResult } from '../../src/ports/invoker.ts';
import type { LogScope } from '../../src/ports/log-reader.ts';
import type { ReleaseStore } from '../../src/ports/release-store.ts';
import { AsyncInvocations } from '../../src/services/async-invocations/async-invocations.ts';
import { usageReport } from './control-fixtures.ts';
import { gitNeighbours } from './git-neighbours.ts';
import { MemoryArtifacts } from './memory-artifacts.ts';
import { MemoryRuntimes } from './memory-runtimes.ts';
import { noImages } from './no-images.ts';
import {
  plainRetention,
  RecordingPublisher,
  ScriptedHealth,
  ScriptedProbe,
  ScriptedWarmness,
} from './release-neighbours.ts';

export const OPERATOR = 'operator-token-of-the-test-node-0123456789';

export interface ControlNodeOptions {
  readonly folder?: string;
  readonly masterKey?: Uint8Array;
  readonly hosts?: readonly string[];
  readonly limits?: Partial<ControlLimits>;
  readonly wrapStore?: (store: ReleaseStore) => ReleaseStore;
  readonly artifacts?: ArtifactStore;
  readonly gatewayUrl?: string;
  readonly port?: number;
  readonly retention?: RetentionSettings;
}

/** A control plane with its API on a port of its own, SQLite in a temporary folder, and recording neighbours. */
export async function startControlNode(options: ControlNodeOptions = {}) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'mayfly-control-'));
  const masterKey = options.masterKey ?? randomBytes(32);
  const database = openDatabase(join(folder, 'mayfly.db'));
  const sqlite = new SqliteReleaseStore(database);
  const store = options.wrapStore?.(sqlite) ?? sqlite;
  const artifacts = options.artifacts ?? new MemoryArtifacts();
  const publisher = new RecordingPublisher();
  const runtimes = new MemoryRuntimes(['nodejs22']);
  const time = { wall: Date.now() };
  const clock = { now: () => performance.now(), wall: () => time.wall };
  const neighbours = newNeighbours();
  const probe = new ScriptedProbe();
  const warmness = new ScriptedWarmness();
  const health = new ScriptedHealth();
  const activities: Activity[] = [];
  const plane = await startControlPlane({
    store,
    artifacts,
    runtimeStore: runtimes,
    imageStore: noImages,
    publisher,
    probe,
    warmness,
    health,
    retention: options.retention ?? plainRetention,
    onActivity: (activity) => void activities.push(activity),
    clock,
    masterKey,
    operatorToken: OPERATOR,
    abilities: {
      runtimes: ['nodejs22', 'nodejs24'],
      dialects: ['fetch', 'event', 'lambda'],
      resourceKinds: ['queue'],
      triggerKinds: ['queue'],
    },
    gatewayUrl: () => options.gatewayUrl ?? 'http://127.0.0.1:8080',
  });
  const asyncInvoker = await AsyncInvocations.start({
    store: new SqliteAsyncInvocationStore(database),
    invoker: neighbours.ports.invoker,
    clock: { now: () => performance.now(), wall: () => Date.now() },
    random: () => 0,
    onDefect: (error) => neighbours.ports.onDefect(error, 'async'),
    policy: { attemptsMax: 3, backoffBaseMs: 4, backoffMaxMs: 20, ageMaxMs: 60_000 },
    limits: { pollMs: 20 },
  });
  const api = await createControlApi({
    ...plane,
    ...gitNeighbours(folder, database, masterKey),
    ...neighbours.ports,
    asyncInvoker,
    artifacts,
    clock,
    accessKeys: new AccessKeys({
      tokens: plane.tokens,
      masterKey,
      region: 'us-east-1',
      endpointUrl: () => 'http://127.0.0.1:4566',
    }),
    edgeUrl: () => 'http://127.0.0.1:4566',
    hosts: options.hosts ?? ['127.0.0.1'],
    version: '0.0.0-test',
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const close = async (): Promise<void> => {
    await plane.deploys.close();
    await api.close(100);
    await asyncInvoker.close(1_000);
    await store.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const url = await api.listen({ host: '127.0.0.1', port: options.port ?? 0 }).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    url,
    api,
    folder,
    masterKey,
    store,
    artifacts,
    publisher,
    runtimes,
    plane,
    probe,
    warmness,
    health,
    activities,
    asyncInvoker,
    time,
    close,
    ...neighbours.seen,
  };
}

export type ControlNode = Awaited<ReturnType<typeof startControlNode>>;

function newNeighbours() {
  const seen = {
    calls: [] as EventCall[],
    /** What the next calls answer; the body comes back when this is not set. */
    answer: { result: null as ((call: EventCall) => Promise<EventResult>) | null },
    logQueries: [] as { query: LogQuery; scope: LogScope }[],
    logs: { lines: async function* (_scope: LogScope): AsyncIterable<LogLine> {} },
    usageQueries: [] as { query: UsageQuery; apps: readonly string[] | null }[],
    defects: [] as { error: MayflyError; requestId: string }[],
  };
  const ports = {
    invoker: {
      invoke: async (call: EventCall): Promise<EventResult> => {
        seen.calls.push(call);
        if (seen.answer.result !== null) return await seen.answer.result(call);
        return echo(call);
      },
      releaseFor: (_app: string, _environment: string, _event: string, wish?: string) => wish ?? 'r-0',
    },
    logs: {
      query(query: LogQuery, scope: LogScope): AsyncIterable<LogLine> {
        seen.logQueries.push({ query, scope });
        return seen.logs.lines(scope);
      },
    },
    usage: {
      report: async (query: UsageQuery, apps: readonly string[] | null) => {
        seen.usageQueries.push({ query, apps });
        return usageReport;
      },
    },
    status: () => ({
      version: '0.0.0-test',
      node: process.version,
      python: null,
      pid: process.pid,
      startedAt: 1,
      isolation: { driver: 'process', guarantees: {} },
      listeners: {
        gateway: 'http://127.0.0.1:8080',
        control: 'http://127.0.0.1:8090',
        edge: 'http://127.0.0.1:4566',
      },
      apps: 0,
      functions: 0,
      previews: 0,
      canaries: 0,
      instances: { ready: 1 },
      calls: { inFlight: 0, waiting: 0, served: 0 },
      asyncCalls: { enqueued: 0, inFlight: 0, done: 0, dead: 0 },
      memory: { rssMb: 1.5, heapMb: 1 },
    }),
    onDefect: (error: MayflyError, requestId: string) => void seen.defects.push({ error, requestId }),
  };
  return { seen, ports };
}

export function echo(call: EventCall): EventResult {
  return {
    requestId: call.requestId ?? 'none',
    outcome: 'ok',
    error: null,
    contentType: String(call.event.datacontenttype ?? 'application/octet-stream'),
    body: call.body,
    cold: true,
    durationMs: 1.25,
    initMs: 0,
    peakMemoryMb: null,
    billedMs: 2,
  };
}
