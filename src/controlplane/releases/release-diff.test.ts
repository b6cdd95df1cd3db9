import assert from 'node:assert/strict';
import test from 'node:test';
import type { FunctionManifest, ReleaseManifest, ResourceManifest } from '../../contract/manifest.ts';
import { type ComparedRelease, diffReleases } from './release-diff.ts';
import { lostResources } from './resource-changes.ts';

const LIMITS: FunctionManifest['limits'] = {
  memoryMb: 128,
  timeoutMs: 10_000,
  initTimeoutMs: 10_000,
  network: 'full',
  perInstance: 1,
  maxInstances: 10,
  provisioned: 0,
  queueMax: 100,
  queueTimeoutMs: 1_000,
  keepAliveMs: null,
};

function functionOf(name: string, changes: Partial<FunctionManifest> = {}): FunctionManifest {
  return {
    name,
    handler: { file: 'index.js', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits: LIMITS,
    routes: [{ method: 'GET', pattern: `/${name}`, cors: null }],
    artifact: 'a'.repeat(64),
    ...changes,
  };
}

const BYTES: Readonly<Record<string, number>> = { a: 100, b: 250 };

function releaseOf(release: string, manifest: Omit<ReleaseManifest, 'app'>): ComparedRelease {
  return {
    release,
    manifest: { app: 'shop', ...manifest },
    bytesOf: (artifact) => BYTES[artifact[0]!] ?? null,
  };
}

test('releases with the same content do not differ', () => {
  const functions = [functionOf('b', { env: { X: '1', Y: '2' } }), functionOf('a')];
  const before = releaseOf('r-1', { functions, smoke: [] });
  const after = releaseOf('r-2', {
    functions: [functionOf('a'), functionOf('b', { env: { Y: '2', X: '1' } })],
  });
  assert.deepEqual(diffReleases(before, after), {
    app: 'shop',
    against: 'r-1',
    release: 'r-2',
    functions: [],
    routes: [],
    resources: [],
    configuration: [],
  });
});

test('functions that came, went or changed are named with what differs and their sizes', () => {
  const before = releaseOf('r-1', { functions: [functionOf('kept'), functionOf('gone')] });
  const after = releaseOf('r-2', {
    functions: [
      functionOf('new', { artifact: 'c'.repeat(64), env: { A: '1' } }),
      functionOf('kept', {
        artifact: 'b'.repeat(64),
        env: { A: '1' },
        limits: { ...LIMITS, memoryMb: 256 },
        handler: { file: 'index.js', export: 'main' },
      }),
    ],
  });
  const diff = diffReleases(before, after);
  assert.deepEqual(diff.functions, [
    { name: 'gone', change: 'removed', parts: [], bytesBefore: 100, bytesAfter: null },
    {
      name: 'kept',
      change: 'changed',
      parts: ['code', 'handler', 'env', 'limits'],
      bytesBefore: 100,
      bytesAfter: 250,
    },
    // Its artifact is not known: nothing is made up about its size.
    { name: 'new', change: 'added', parts: [], bytesBefore: null, bytesAfter: null },
  ]);
  assert.deepEqual(diff.configuration, [
    { name: 'kept.env.A', change: 'added', before: null, after: '"1"' },
    { name: 'kept.handler', change: 'changed', before: '"index.js#default"', after: '"index.js#main"' },
    { name: 'kept.limits.memoryMb', change: 'changed', before: '128', after: '256' },
  ]);
});

test('a route that leads elsewhere is a changed route, not a changed function', () => {
  const route = { method: 'GET', pattern: '/pets', cors: null };
  const before = releaseOf('r-1', {
    functions: [functionOf('a', { routes: [route] }), functionOf('b', { routes: [] })],
  });
  const cors = {
    origins: ['*'],
    methods: [],
    headers: [],
    exposeHeaders: [],
    credentials: false,
    maxAgeS: 1,
  };
  const after = releaseOf('r-2', {
    functions: [
      functionOf('a', { routes: [] }),
      functionOf('b', { routes: [route, { method: 'PUT', pattern: '/x', cors }] }),
    ],
  });
  const diff = diffReleases(before, after);
  assert.deepEqual(diff.functions, []);
  assert.deepEqual(diff.routes, [
    { name: 'GET /pets', change: 'changed', before: 'a', after: 'b' },
    { name: 'PUT /x', change: 'added', before: null, after: 'b' },
  ]);
  assert.deepEqual(
    diff.configuration.map(({ name, change }) => [name, change]),
    [['b.cors.PUT /x', 'added']],
  );
});

test('resources and settings of the app are compared by content', () => {
  const functions = [functionOf('a')];
  const before = releaseOf('r-1', {
    functions,
    resources: [
      { kind: 'queue', name: 'jobs', config: { b: 1, a: 2 } },
      { kind: 'kv', name: 'x', config: {} },
    ],
  });
  const after = releaseOf('r-2', {
    functions,
    resources: [
      { kind: 'queue', name: 'jobs', config: { a: 2, b: 2 } },
      { kind: 'table', name: 'x', config: {} },
    ],
    smoke: [
      { method: 'GET', path: '/', headers: {}, body: null, status: 200, contains: null, timeoutMs: 1_000 },
    ],
  });
  const diff = diffReleases(before, after);
  assert.deepEqual(
    diff.resources.map(({ name, change }) => [name, change]),
    [
      ['kv x', 'removed'],
      ['queue jobs', 'changed'],
      ['table x', 'added'],
    ],
  );
  assert.equal(diff.resources[1]!.before, '{"config":{"a":2,"b":1},"kind":"queue","name":"jobs"}');
  assert.deepEqual(
    diff.configuration.map(({ name, change }) => [name, change]),
    [['smoke', 'added']],
  );
});

test('what a release no longer declares, or declares as another kind, would be lost', () => {
  const declaring = (...resources: readonly ResourceManifest[]): ReleaseManifest => ({
    app: 'shop',
    functions: [functionOf('a')],
    resources: [...resources],
  });
  const jobs = { kind: 'queue', name: 'jobs', config: {} };
  const x = { kind: 'kv', name: 'x', config: {} };
  const before = declaring(x, jobs);
  assert.deepEqual(lostResources(before, declaring(jobs, x, { ...jobs, name: 'more' })), []);
  assert.deepEqual(lostResources(before, declaring(jobs, { ...x, config: { size: 2 } })), []);
  assert.deepEqual(lostResources(before, declaring(jobs, { ...x, kind: 'table' })), ['kv x']);
  assert.deepEqual(lostResources(before, { app: 'shop', functions: [functionOf('a')] }), [
    'kv x',
    'queue jobs',
  ]);
  assert.deepEqual(lostResources({ app: 'shop', functions: [functionOf('a')] }, before), []);
});
