import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { formatProblem } from '../../src/build/problem.ts';
import { ReleaseManifestSchema } from '../../src/contract/manifest.ts';
import { AppFolder } from './app-folder.ts';

const SMALL = 'export default () => 1;\n';

const guards = {
  callsMin: 100,
  falseAlarm: 0.01,
  errors: 0.01,
  p99: 1.5,
  coldStarts: null,
  metrics: {},
};

async function manifestOf(configuration: string) {
  await using app = await AppFolder.create({ 'functions/a.ts': SMALL, 'mayfly.yaml': configuration });
  const { manifest } = await app.build();
  assert.ok(Check(ReleaseManifestSchema, manifest), JSON.stringify(manifest));
  return manifest;
}

async function linesOf(configuration: string): Promise<string[]> {
  await using app = await AppFolder.create({ 'functions/a.ts': SMALL, 'mayfly.yaml': configuration });
  const { code, list } = await app.problems();
  assert.equal(code, 'CONFIG_INVALID');
  return list.map(formatProblem);
}

test('an app that says nothing about its releases has nothing of it in its manifest', async () => {
  assert.deepEqual(Object.keys(await manifestOf('memory: 128MB\n')), ['app', 'functions']);
  const { smoke, resources } = await manifestOf('smoke: []\nresources: {}\n');
  assert.deepEqual([smoke, resources], [undefined, undefined]);
});

test('canary: steps alone, as a text or a list, take the default key and guards', async () => {
  const steps = [
    { weight: 500, holdMs: 600_000 },
    { weight: 2_500, holdMs: 600_000 },
    { weight: 10_000, holdMs: null },
  ];
  const plan = { steps, key: { kind: 'cookie' }, guards };
  for (const written of [
    'canary: 5% 10m, 25% 10m, 100%',
    'canary: [5% 10m, { weight: 25%, hold: 600000 }, 100%]',
    'canary: { steps: "5% 10m, 25% 10m, 100%" }',
    'canary:\n  steps:\n    - 5% 10m\n    - { weight: 25%, hold: 10m }\n    - weight: 100%\n',
  ]) {
    assert.deepEqual((await manifestOf(written)).canary, plan, written);
  }
});

test('canary: key and guards, each of which can be off', async () => {
  const { canary } = await manifestOf(`
canary:
  steps: 12.5%
  key: header:X-User
  guards: { errors: 0.5%, p99: 2, coldStarts: 20%, metrics: { orders.lost: 0.1 }, calls: 500, falseAlarm: 5% }
`);
  assert.deepEqual(canary, {
    steps: [{ weight: 1_250, holdMs: null }],
    key: { kind: 'header', name: 'x-user' },
    guards: {
      callsMin: 500,
      falseAlarm: 0.05,
      errors: 0.005,
      p99: 2,
      coldStarts: 0.2,
      metrics: { 'orders.lost': 0.1 },
    },
  });
  const nothing = { ...guards, errors: null, p99: null };
  const off = await manifestOf('canary: { steps: 5%, key: address, guards: off }');
  assert.deepEqual(off.canary?.guards, nothing);
  assert.deepEqual(off.canary?.key, { kind: 'address' });
  const each = await manifestOf(
    'canary: { steps: 5%, guards: { errors: off, p99: off, coldStarts: off, metrics: off } }',
  );
  assert.deepEqual(each.canary?.guards, nothing);
});

test('smoke: a request alone, or all that is asked and expected', async () => {
  const { smoke } = await manifestOf(`
smoke:
  - GET /health
  - /a?b=c
  - request: POST /orders
    headers: { Content-Type: application/json }
    body: '{"item": 1}'
    status: 201
    contains: order
    timeout: 2s
`);
  const plain = { headers: {}, body: null, status: 200, contains: null, timeoutMs: 10_000 };
  assert.deepEqual(smoke, [
    { ...plain, method: 'GET', path: '/health' },
    { ...plain, method: 'GET', path: '/a?b=c' },
    {
      method: 'POST',
      path: '/orders',
      headers: { 'content-type': 'application/json' },
      body: '{"item": 1}',
      status: 201,
      contains: 'order',
      timeoutMs: 2_000,
    },
  ]);
});

test('resources: by kind and name, whatever kinds the node will know', async () => {
  const { resources } = await manifestOf(
    'resources:\n  queues:\n    orders: { visibility: 30s, tags: [a] }\n    mails:\n  buckets: { photos: {} }\n',
  );
  assert.deepEqual(resources, [
    { kind: 'buckets', name: 'photos', config: {} },
    { kind: 'queues', name: 'mails', config: {} },
    { kind: 'queues', name: 'orders', config: { visibility: '30s', tags: ['a'] } },
  ]);
});

test('mistakes are told with their place and the nearest right word', async () => {
  assert.deepEqual(
    await linesOf(`canary:
  step: 5%
  steps: 5 percent
  key: cookies
  guards: { error: 1%, p99: 0.5, coldStarts: 5, metrics: { 1x: 2 } }
smoke:
  - GET health
  - { request: /a, staus: 200, status: 1000 }
resources:
  Queues: {}
  queues: { orders: 5, My_Mails: {} }
`),
    [
      'mayfly.yaml:2:3: unknown key "step" in canary (did you mean "steps"?)',
      'mayfly.yaml:3:10: canary.steps must be steps such as "5% 10m, 25% 10m, 100%", or a list of them, not "5 percent"',
      'mayfly.yaml:4:8: canary.key must be "cookie", "address" or "header:NAME", not "cookies"',
      'mayfly.yaml:5:13: unknown key "error" in canary.guards (did you mean "errors"?)',
      'mayfly.yaml:5:29: canary.guards.p99 must be a number of times from 1 to 1000, or off, not 0.5',
      'mayfly.yaml:5:46: canary.guards.coldStarts must be a share such as "1%" or "0.25%", or off, not 5',
      'mayfly.yaml:5:60: "1x" is no valid name here: canary.guards.metrics is a mapping of metric names (letters, digits, "_", ".", "-") to numbers',
      'mayfly.yaml:7:5: smoke[0] must be a request such as "GET /health", or a mapping with "request", not "GET health"',
      'mayfly.yaml:8:20: unknown key "staus" in smoke[1] (did you mean "status"?)',
      'mayfly.yaml:8:40: smoke[1].status must be an HTTP status from 100 to 599, not 1000',
      'mayfly.yaml:10:3: "Queues" is no valid name here: resources is a mapping of kinds (lower-case letters, digits, hyphens) to resources',
      'mayfly.yaml:11:21: resources.queues.orders must be a mapping, or nothing, not 5',
      'mayfly.yaml:11:24: "My_Mails" is no valid name here: resources.queues is a mapping of names (lower-case letters, digits, inner hyphens) to settings',
    ],
  );
});

test('values that have the right shape and no sense', async () => {
  assert.deepEqual(
    await linesOf(`canary:
  steps: [5% 10m, 5% 10m, 100%]
  guards: { errors: 101%, falseAlarm: 0% }
smoke:
  - { request: /slow, timeout: 5m }
`),
    [
      'mayfly.yaml:2:10: canary.steps goes from 5% to 5%; shares rise from step to step',
      'mayfly.yaml:3:21: canary.guards.errors must be from 0% to 100%, not "101%"',
      'mayfly.yaml:3:39: canary.guards.falseAlarm must be from 0.01% to 50%, not "0%"',
      'mayfly.yaml:5:32: smoke[0].timeout must be from 1ms to 1m, not "5m"',
    ],
  );
  assert.deepEqual(await linesOf('canary: 5% 10m, 25% 10m\n'), [
    'mayfly.yaml:1:9: canary ends with 25% for 10m; end with 100%, or leave the time out to stay at 25%',
  ]);
});

test('they are settings of the app, not of a function', async () => {
  const [line] = await linesOf('functions:\n  a:\n    canary: 5%\n');
  assert.equal(line, 'mayfly.yaml:3:5: unknown key "canary" in functions.a');
});
