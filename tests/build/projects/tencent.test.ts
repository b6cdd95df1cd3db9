import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture, WHOLE_FOLDER } from './project-reading.ts';

test('a component with its events', async () => {
  const project = await readFixture('tencent', { stage: 'live', env: { DIARY_TOKEN: 'secret' } });
  assert.equal(project.tool, 'Serverless Components (Tencent Cloud)');
  assert.equal(project.app.name, 'diary');
  assert.deepEqual(project.function('entries'), {
    handler: 'index.js#main_handler',
    root: 'src',
    include: WHOLE_FOLDER,
    runtime: 'nodejs24',
    dialect: 'tencent',
    memory: 128,
    timeout: 20_000,
    env: { WHERE: 'live', TOKEN: 'secret' },
    routes: ['GET /entries/:day', { path: '/entries', cors: true }],
    triggers: [
      { schedule: { cron: '0 0 8 * * * *', timezone: 'Asia/Shanghai', input: 'wake' } },
      { object: { bucket: 'diary-123', events: ['created'], prefix: 'pictures/' } },
      { stream: { name: 'entries', batch: 50, from: 'latest' }, enabled: false },
    ],
  });
  assert.match(project.about('inputs.events[4].mps')[0] ?? '', /^ignored Mayfly has no event source/);
  assert.match(project.about('inputs.vpcConfig')[0] ?? '', /^ignored/);
});
