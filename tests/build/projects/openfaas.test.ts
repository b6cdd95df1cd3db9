import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture, WHOLE_FOLDER } from './project-reading.ts';

test('a stack file becomes functions below /function', async () => {
  const project = await readFixture('openfaas', { env: { GREETING: 'good day' } });
  assert.deepEqual([project.tool, project.file], ['OpenFaaS', 'stack.yaml']);
  assert.deepEqual(project.function('shout'), {
    root: 'shout',
    handler: 'handler.js',
    include: WHOLE_FOLDER,
    runtime: 'nodejs22',
    dialect: 'openfaas',
    memory: 192,
    cpu: 100,
    timeout: 90_000,
    concurrency: { max: 5, perInstance: 4, provisioned: 0 },
    env: { GREETING: 'good day', MARK: '!', exec_timeout: '1m30s', max_inflight: '4' },
    routes: ['/function/shout', '/function/shout/*'],
    triggers: [{ schedule: { cron: '*/5 * * * *' } }],
  });
  const { runtime, root, handler, triggers } = project.function('count');
  assert.deepEqual([runtime, root, handler], ['python3', 'count', 'handler.py']);
  const classic = project.function('classic');
  assert.deepEqual([classic.dialect, classic.env], ['openfaas', { MAYFLY_OPENFAAS_TEMPLATE: 'node' }]);
  const reversed = project.function('reverse');
  assert.deepEqual(
    [reversed.runtime, reversed.env],
    ['python3', { MAYFLY_OPENFAAS_TEMPLATE: 'python3-flask' }],
  );
  assert.deepEqual(triggers, [{ topic: 'orders.created' }, { topic: 'orders.changed' }]);
});

test('what a stack file asks of its cluster is told at its place', async () => {
  const project = await readFixture('openfaas');
  const [secret] = project.findings.filter(({ what }) => what === 'functions.shout.secrets');
  assert.match(secret?.means ?? '', /\/var\/openfaas\/secrets\/api-key/);
  assert.match(secret?.suggestion ?? '', /mayfly secret set API_KEY/);
  assert.deepEqual(secret?.place, { file: 'stack.yaml', line: 21, column: 5 });
  assert.deepEqual(project.about('functions.shout.labels.team'), ['ignored there are no labels']);
  assert.deepEqual(project.about('functions.shout.labels.com.openfaas.scale.max'), []);
  const [go] = project.findings.filter(({ severity }) => severity === 'blocks');
  assert.deepEqual([go?.what, go?.function], ['functions.report.lang', 'report']);
  assert.match(go?.suggestion ?? '', /runtime: provided/);
});
