import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture, WHOLE_FOLDER } from './project-reading.ts';

test('functions of version 3, their triggers and a custom domain', async () => {
  const project = await readFixture('alibaba', { env: { PHOTO_OTHER: 'x' } });
  assert.equal(project.app.name, 'photo-service');
  assert.deepEqual(project.function('photo-resize'), {
    handler: 'index.js#handler',
    root: 'code',
    include: WHOLE_FOLDER,
    runtime: 'nodejs24',
    dialect: 'alibaba',
    memory: 512,
    cpu: 350,
    timeout: 30_000,
    initTimeout: 5_000,
    concurrency: { perInstance: 5 },
    env: { LEVEL: 'info', OTHER: 'x' },
    routes: ['GET', 'POST']
      .flatMap((method) => [`${method} /photo-resize`, `${method} /photo-resize/*`])
      .sort(byPath),
    triggers: [
      { schedule: { cron: '0 0 2 * * *', timezone: 'Asia/Shanghai', input: 'clean' }, enabled: false },
      { object: { bucket: 'photo-uploads', events: ['created'], prefix: 'raw/', suffix: '.jpg' } },
    ],
  });
  const site = project.function('photo-site');
  assert.deepEqual([site.runtime, site.root, site.routes], ['http', 'site', ['GET /site', 'GET /site/*']]);
  assert.deepEqual((site as { command?: unknown }).command, ['node', 'server.js']);
});

const byPath = (a: string, b: string): number => a.split(' ')[1]!.length - b.split(' ')[1]!.length;

test('references that lead nowhere are told where they stand', async () => {
  const { findings } = await readFixture('alibaba', { env: {} });
  const [other] = findings.filter(({ means }) => means.includes('env(PHOTO_OTHER)'));
  assert.equal(other?.what, 'resources.resize.props.environmentVariables.OTHER');
  assert.deepEqual([other?.place.line, other?.suggestion], [34, 'set the variable PHOTO_OTHER']);
});

test('a service of version 2', async () => {
  const project = await readFixture('alibaba-2');
  const { env, routes, root } = project.function('hello');
  assert.equal(root, 'code');
  assert.deepEqual(routes, []);
  assert.match(
    project.about('services.hello.props.triggers[0].config.authType')[0] ?? '',
    /^later the route is not made/,
  );
  assert.deepEqual(env, { MAYFLY_ALIBABA_HTTP: '2.0' });
});
