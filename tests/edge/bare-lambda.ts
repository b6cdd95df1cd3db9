import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { SqliteLambdaStore } from '../../src/adapters/sqlite/lambda-store.ts';
import { SqliteReleaseStore } from '../../src/adapters/sqlite/release-store.ts';
import { type ControlPlaneDeps, startControlPlane } from '../../src/controlplane/control-plane.ts';
import type { Principal } from '../../src/controlplane/tokens/tokens.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import type { ArchiveUnpacker } from '../../src/ports/archive-unpacker.ts';
import type { ArtifactStore } from '../../src/ports/artifacts.ts';
import type { LambdaStore } from '../../src/ports/lambda-store.ts';
import type { LambdaCheckpoint } from '../../src/protocols/aws/lambda/checkpoint.ts';
import { lambdaApi } from '../../src/protocols/aws/lambda/lambda-api.ts';
import type { LambdaApiDeps } from '../../src/protocols/aws/lambda/lambda-deps.ts';
import { SignatureVerifier } from '../../src/protocols/aws/sigv4/signature-verifier.ts';
import { MemoryRuntimes } from '../controlplane/memory-runtimes.ts';
import { noImages } from '../controlplane/no-images.ts';
import {
  RecordingPublisher,
  ScriptedHealth,
  ScriptedProbe,
  ScriptedWarmness,
} from '../controlplane/release-neighbours.ts';

interface BareLambdaOptions {
  /** File of the database, `:memory:`. */
  readonly path: string;
  readonly artifacts: ArtifactStore;
  readonly unpacker: ArchiveUnpacker;
  readonly checkpoint?: LambdaCheckpoint & NonNullable<ControlPlaneDeps['checkpoint']>;
  /** Stands between the API and its store. */
  readonly wrapStore?: (store: LambdaStore) => LambdaStore;
}

const OPERATOR: Principal = { id: 'operator', name: 'operator', role: 'admin', apps: null };
const clock = { now: () => performance.now(), wall: () => Date.now() };
const masterKey = new Uint8Array(32);
const notHere = () => Promise.reject(new MayflyError('INTERNAL', 'No function runs here.'));

export type BareLambda = Awaited<ReturnType<typeof startBareLambda>>;

/** The Lambda API and the control plane with real stores, without listeners and without anything that runs functions. */
export async function startBareLambda(options: BareLambdaOptions) {
  const { artifacts, unpacker, checkpoint, wrapStore = (store) => store } = options;
  const database = openDatabase(options.path);
  const releases = new SqliteReleaseStore(database);
  const store = new SqliteLambdaStore(database);
  const publisher = new RecordingPublisher();
  const warmness = new ScriptedWarmness();
  warmness.rows = () => [];
  const plane = await startControlPlane({
    store: releases,
    artifacts,
    runtimeStore: new MemoryRuntimes(),
    imageStore: noImages,
    publisher,
    probe: new ScriptedProbe(),
    warmness,
    health: new ScriptedHealth(),
    clock,
    masterKey,
    operatorToken: 'x'.repeat(32),
    abilities: { runtimes: ['nodejs24'], dialects: ['lambda'], resourceKinds: [], triggerKinds: [] },
    retention: { releasesKept: 1, releaseAgeMsMax: 1e12 },
    gatewayUrl: () => 'http://127.0.0.1:8080',
    furtherArtifacts: () => store.listArtifacts(),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  });
  const deps: LambdaApiDeps = {
    store: wrapStore(store),
    plane,
    artifacts,
    unpacker,
    invoker: { invoke: notHere, releaseFor: notHere as never },
    asyncInvoker: { enqueue: notHere, dead: async () => [], counts: notHere as never },
    logs: { query: notHere as never },
    clock,
    warmness,
    region: 'us-east-1',
    quotas: {
      lambdaZipBytesMax: 2 ** 20,
      lambdaCodeBytesMax: 2 ** 22,
      lambdaPayloadBytesMax: 1_000,
      lambdaStorageBytesMax: 2 ** 36,
      lambdaConcurrencyMax: 1_000,
      lambdaAsyncBytesMax: 1_000,
    },
    masterKey,
    edgeUrl: () => 'http://127.0.0.1:4566',
    verifier: new SignatureVerifier({ find: async () => null }, clock),
    onDefect: () => {},
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
  const lambda = lambdaApi(deps);
  await lambda.recover();

  /** Runs an operation as the operator, and answers its body. @throws AwsError */
  const call = async (
    name: string,
    input: object,
    zip: Buffer = Buffer.alloc(0),
  ): Promise<Record<string, unknown>> => {
    const operation = lambda.api.operations.find((candidate) => candidate.name === name);
    if (operation === undefined) throw new RangeError(`There is no operation "${name}".`);
    const answered = await operation.run({
      input: input as Record<string, unknown>,
      body: Buffer.alloc(0),
      carved: [new Uint8Array(Buffer.from(zip.toString('base64'), 'latin1'))],
      headers: {},
      principal: OPERATOR,
      requestId: 'request',
      signal: new AbortController().signal,
    });
    return (answered.body ?? {}) as Record<string, unknown>;
  };
  return { plane, publisher, releases, store, artifacts, call, close: () => database.destroy() };
}
