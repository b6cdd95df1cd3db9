import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture, WHOLE_FOLDER } from './project-reading.ts';

test('func.yaml becomes a function at every path', async () => {
  const project = await readFixture('knative', { env: { ECHO_FROM: 'here' } });
  assert.deepEqual(project.app, {
    name: 'echo-event',
    functions: {
      'echo-event': {
        handler: 'index.js',
        include: WHOLE_FOLDER,
        runtime: 'nodejs24',
        dialect: 'knative',
        memory: 256,
        cpu: 1_000,
        initTimeout: 20_000,
        concurrency: { max: 4, perInstance: 10 },
        env: { COLOUR: 'blue', FROM_HERE: 'here' },
        routes: ['/', '/*'],
      },
    },
  });
});

test('what only a cluster has is missing, and said to be', async () => {
  const { about } = await readFixture('knative', { env: {} });
  assert.match(about('run.envs[1].value')[0] ?? '', /the variable ECHO_FROM is not set/);
  assert.match(about('run.envs[2].value')[0] ?? '', /no secret "echo-secrets" here, so TOKEN is missing/);
  assert.match(about('run.envs[3].value')[0] ?? '', /its variables are missing/);
  assert.match(about('deploy.subscriptions[0].source')[0] ?? '', /^ignored nothing subscribes/);
});

test('a function in Python is called as its template has it', async () => {
  const { app } = await readFixture('knative-python');
  const { handler, runtime, dialect, env } = app?.functions?.parrot ?? {};
  assert.deepEqual(
    [handler, runtime, dialect, env],
    ['function/func.py#new', 'python3', 'knative', { MAYFLY_KNATIVE_INVOKE: 'cloudevent' }],
  );
});
