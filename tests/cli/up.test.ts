import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MayflyProcess, mayfly } from './mayfly-process.ts';

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-up-'));
});
after(() => rmSync(folder, { recursive: true }));

const up = (...words: string[]) =>
  new MayflyProcess(
    [
      'up',
      '--gateway-port',
      '0',
      '--control-port',
      '0',
      '--edge-port',
      '0',
      '--isolation',
      'process',
      ...words,
    ],
    { cwd: folder },
  );

test('one line a listener; a SIGTERM that was obeyed is a success', async () => {
  const node = up();
  assert.match(await node.line(), /^gateway {2}http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(await node.line(), /^control {2}http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(await node.line(), /^edge {5}http:\/\/127\.0\.0\.1:\d+$/);
  const status = await mayfly(['status', '--json'], { cwd: folder });
  assert.equal(JSON.parse(status.stdout).pid, node.child.pid);
  const ended = await node.stop('SIGTERM');
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(existsSync(join(folder, '.mayfly', 'run', 'node.json')), false);
  assert.match((await mayfly(['status'], { cwd: folder })).stderr, /\[NODE_UNREACHABLE\]/);
});

test('Ctrl-C drains and says 130', async () => {
  const node = up('--json');
  const answer = JSON.parse(await node.line());
  assert.deepEqual(Object.keys(answer), ['gateway', 'control', 'edge', 'data', 'pid']);
  assert.equal((await node.stop('SIGINT')).code, 130);
});

test('with --stop-with-stdin it ends when stdin does', async () => {
  const node = up('--stop-with-stdin');
  await node.line();
  node.child.stdin!.end();
  assert.equal((await node.ended).code, 0);
});

test('variables and the file in the data folder are read; a flag beats them', async () => {
  const wrong = await mayfly(['up'], { cwd: folder, env: { MAYFLY_GATEWAY_PORT: 'x' } });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /MAYFLY_GATEWAY_PORT: "x"/);
});
