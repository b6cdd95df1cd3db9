import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { eventually, TestNode } from '../harness/test-node.ts';
import { echo } from './bootstraps.ts';

test('without a sandbox programs run as well, and none outlives its instance', async () => {
  const node = await TestNode.start({ isolation: 'process', drainTimeoutMs: '1s' });
  const programs = (): number => {
    const list = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    return list.split('\n').filter((line) => line.includes(`${node.folder}/`) && line.endsWith('/bootstrap'))
      .length;
  };
  try {
    await node.deploy('plain', {
      'functions/root/bootstrap': echo(`[event.rawPath, process.cwd() === process.env.LAMBDA_TASK_ROOT]`),
      'functions/ends/bootstrap': echo(`process.exit(3)`),
    });
    assert.deepEqual((await node.ask('/@plain/root')).json, ['/root', true]);
    assert.equal(programs(), 1);
    assert.equal((await node.ask('/@plain/ends')).status, 502);
  } finally {
    await node.close();
  }
  await eventually(() => programs() === 0);
});
