import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture } from './project-reading.ts';

test('the objects of all specification files come together', async () => {
  const project = await readFixture('fission');
  assert.equal(project.tool, 'Fission');
  assert.deepEqual(project.app, {
    name: 'guestbook',
    functions: {
      sign: {
        handler: 'src/book.js#sign',
        include: ['src/*'],
        runtime: 'nodejs22',
        dialect: 'fission',
        memory: 256,
        cpu: 500,
        timeout: 60_000,
        keepAlive: 120_000,
        concurrency: { max: 3, perInstance: 2, provisioned: 1 },
        routes: ['POST /book/:guest'],
        triggers: [{ queue: 'guests' }],
      },
      list: {
        handler: 'src/listing.js',
        include: ['src/*'],
        runtime: 'nodejs22',
        dialect: 'fission',
        routes: ['GET /entries', 'GET /entries/*'],
        triggers: [{ schedule: { cron: '0 0 * * *' } }],
      },
    },
  });
});

test('objects without a counterpart are told by their kinds', async () => {
  const { findings, about } = await readFixture('fission');
  assert.match(about('KubernetesWatchTrigger watch-pods kind')[0] ?? '', /^ignored there is no Kubernetes/);
  assert.match(about('MessageQueueTrigger on-guest spec.topic')[0] ?? '', /^later /);
  assert.match(about('Function sign spec.secrets')[0] ?? '', /\/secrets\/…\/book-key/);
  const [watch] = findings.filter(({ what }) => what.startsWith('KubernetesWatchTrigger'));
  assert.deepEqual([watch?.place.file, watch?.place.line], ['specs/triggers.yaml', 53]);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'blocks'),
    [],
  );
});
