import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture } from './project-reading.ts';

test('a folder with function.json is a function', async () => {
  const project = await readFixture('azure-v3');
  assert.deepEqual(Object.keys(project.app.functions ?? {}).sort(), ['greet', 'sweep']);
  const { env, include, ...greet } = project.function('greet');
  assert.ok(include?.includes('!local.settings.json'));
  assert.deepEqual(greet, {
    handler: 'greet/index.js',
    runtime: 'nodejs24',
    dialect: 'azure',
    timeout: 300_000,
    routes: ['GET /v1/greet/:name', 'POST /v1/greet/:name', 'GET /v1/greet', 'POST /v1/greet'],
  });
  assert.equal(env?.SALUTATION, 'Dear');
  const bindings = JSON.parse(String(env?.MAYFLY_AZURE_BINDINGS)) as { type: string }[];
  assert.deepEqual(
    bindings.map(({ type }) => type),
    ['httpTrigger', 'http', 'queue'],
  );
  const sweep = project.function('sweep');
  assert.deepEqual([sweep.handler, sweep.routes], ['lib/sweep.js#sweep', []]);
  assert.deepEqual(sweep.triggers, [{ schedule: { cron: '0 30 2 * * *' } }]);
});

test('keys, conditions and other bindings of folders are told', async () => {
  const { said } = await readFixture('azure-v3');
  const has = (pattern: RegExp) =>
    assert.ok(
      said.some((line) => pattern.test(line)),
      String(pattern),
    );
  has(/^ignored bindings\[0\]: the condition "alpha" of "name" is not checked/);
  has(/^later bindings\[0\]: authLevel "function".*401/);
  has(/^later bindings\[2\]: out binding "queue"/);
  has(/^ignored the file: function old is switched off/);
  has(/^ignored Values\.AzureWebJobsStorage/);
});

test('functions that the code registers are found in the sources of what main names', async () => {
  const project = await readFixture('azure-v4');
  const functions = Object.entries(project.app.functions ?? {}).map(([name, own]) => {
    const { include: _, ...rest } = own ?? {};
    return [name, rest];
  });
  assert.deepEqual(Object.fromEntries(functions), {
    tidy: {
      handler: 'src/functions/jobs.ts#tidy',
      runtime: 'nodejs24',
      dialect: 'azure',
      routes: [],
      triggers: [{ schedule: { cron: '0 */10 * * * *' } }],
    },
    'on-order': {
      handler: 'src/functions/jobs.ts#onOrder',
      runtime: 'nodejs24',
      dialect: 'azure',
      routes: [],
      triggers: [{ queue: 'orders' }],
    },
    'read-note': {
      handler: 'src/functions/notes.ts#readNote',
      runtime: 'nodejs24',
      dialect: 'azure',
      routes: ['GET /api/notes/:id'],
    },
    'add-note': {
      handler: 'src/functions/notes.ts#addNote',
      runtime: 'nodejs24',
      dialect: 'azure',
      routes: ['POST /api/notes'],
    },
  });
  assert.ok(project.about('function onOrder').some((line) => line.startsWith('later return')));
});

test('decorated functions of Python', async () => {
  const project = await readFixture('azure-python');
  const brief = Object.entries(project.app.functions ?? {}).map(([name, own]) => [
    name,
    own?.handler,
    own?.routes,
    own?.triggers,
  ]);
  assert.deepEqual(brief, [
    ['hello', 'function_app.py#hello', ['GET /hello/:name', 'POST /hello/:name'], undefined],
    ['tick', 'function_app.py#tick', [], [{ schedule: { cron: '0 */5 * * * *' } }]],
    ['work', 'function_app.py#work', [], [{ queue: 'jobs' }]],
  ]);
  assert.ok(project.about('function work').some((line) => line.startsWith('later blob_output')));
});
