import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder } from '../app-folder.ts';
import { readFixture, readFolder, WHOLE_FOLDER } from './project-reading.ts';

test('the target of the start script is the app', async () => {
  const project = await readFixture('google');
  assert.deepEqual(project.app.functions, {
    'hello-http': {
      handler: 'index.js#helloHttp',
      include: WHOLE_FOLDER,
      runtime: 'nodejs24',
      dialect: 'google',
      routes: ['/', '/*'],
    },
  });
});

test('without a target, every function that the code registers', async () => {
  const project = await readFixture('google-registered');
  const names = Object.entries(project.app.functions ?? {}).map(([name, own]) => [
    name,
    own?.handler,
    own?.routes,
  ]);
  assert.deepEqual(names, [
    ['hello', 'index.js#hello', ['/hello', '/hello/*']],
    ['stored', 'index.js#stored', ['/stored', '/stored/*']],
  ]);
  assert.match(project.about('function stored')[0] ?? '', /^later what sends it events/);
});

test('exports beside what is registered are told, as nobody says what they are', async () => {
  await using folder = await AppFolder.create({
    'package.json': '{ "dependencies": { "@google-cloud/functions-framework": "^4.0.0" } }',
    'index.js': `const { http } = require('@google-cloud/functions-framework');
http('page', (request, response) => response.send('x'));
exports.page = 1;
exports.onMessage = (message, context) => {};
`,
  });
  const project = await readFolder(folder.dir);
  assert.deepEqual(Object.keys(project.app.functions ?? {}), ['page']);
  assert.match(
    project.about('export onMessage')[0] ?? '',
    /^ignored an export is a function only when it is named/,
  );
  assert.equal(project.findings.length, 1);
});

test('Python: requirements.txt and main.py', async () => {
  const project = await readFixture('google-python');
  assert.equal(project.file, 'requirements.txt');
  const { handler, runtime, env } = project.function('stored');
  assert.deepEqual([handler, runtime], ['main.py#stored', 'python3']);
  assert.deepEqual(env, { FUNCTION_SIGNATURE_TYPE: 'cloudevent' });
});
