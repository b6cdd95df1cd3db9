import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture, WHOLE_FOLDER } from './project-reading.ts';

test('function.yaml becomes a function at its ingresses', async () => {
  const project = await readFixture('nuclio');
  assert.deepEqual(project.function('reverser'), {
    handler: 'reverser.js#handler',
    include: WHOLE_FOLDER,
    runtime: 'nodejs24',
    dialect: 'nuclio',
    memory: 128,
    timeout: 45_000,
    concurrency: { max: 4 },
    env: { SEPARATOR: '-' },
    routes: ['/reverse', '/reverse/*'],
    triggers: [{ schedule: { every: '10m', input: { body: 'tick' } } }, { stream: 'orders', enabled: false }],
  });
  assert.match(project.about('spec.env[1].valueFrom')[0] ?? '', /PASSWORD/);
  assert.match(project.about('spec.triggers.orders.kind')[0] ?? '', /^later /);
});
