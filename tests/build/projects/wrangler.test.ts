import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture } from './project-reading.ts';

test('a Worker is a function at every path', async () => {
  const project = await readFixture('wrangler');
  assert.deepEqual(project.app, {
    name: 'short-links',
    functions: {
      'short-links': {
        handler: 'src/index.ts',
        runtime: 'nodejs24',
        dialect: 'fetch',
        env: { HOME: 'https://example.org', LIMITS: '{"perDay":10}' },
        routes: ['/', '/*'],
        triggers: [
          { schedule: { cron: '*/15 * * * *' } },
          { queue: { name: 'clicks', batch: 20, window: '5s' } },
        ],
      },
    },
  });
});

test('bindings come later, and places in TOML are known', async () => {
  const { findings, about } = await readFixture('wrangler');
  assert.deepEqual(about('kv_namespaces[0]'), [
    'later env.LINKS (a key-value store) is missing until a service of that kind is there',
  ]);
  const [store] = findings.filter(({ what }) => what === 'kv_namespaces[0]');
  assert.deepEqual(store?.place, { file: 'wrangler.toml', line: 16, column: 1 });
  assert.match(about('vars.LIMITS')[0] ?? '', /as text/);
  assert.equal(about('compatibility_flags').length, 1, 'nodejs_compat needs no words');
});

test('--stage chooses an environment, whose variables are its own', async () => {
  const project = await readFixture('wrangler', { stage: 'staging' });
  assert.deepEqual(project.function('short-links').env, { HOME: 'https://staging.example.org' });
  assert.deepEqual(project.about('env.staging'), []);
  assert.match(project.about('kv_namespaces')[0] ?? '', /environments do not inherit it/);
  const unknown = await readFixture('wrangler', { stage: 'nowhere' });
  assert.match(unknown.about('env')[0] ?? '', /^blocks there is no environment "nowhere"/);
});

test('JSON with comments and trailing commas', async () => {
  const project = await readFixture('wrangler-jsonc');
  const { handler, minify } = project.function('plain');
  assert.deepEqual([handler, minify], ['worker.mjs', true]);
  const [assets] = project.findings.filter(({ what }) => what === 'assets');
  assert.deepEqual([assets?.severity, assets?.place.line], ['later', 9]);
});
