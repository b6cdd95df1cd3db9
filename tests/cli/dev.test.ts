import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isRunning, MayflyProcess } from './mayfly-process.ts';

let folder: string;
let file: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-dev-'));
  mkdirSync(join(folder, 'functions'));
  file = join(folder, 'functions', 'page.ts');
});
after(() => rmSync(folder, { recursive: true }));

const dev = (...words: string[]) =>
  new MayflyProcess(
    [
      'dev',
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
    {
      cwd: folder,
    },
  );

test('save a file and it is live; break it and the last release stays; Ctrl-C leaves nothing running', async () => {
  writeFileSync(file, 'export default () => { console.log("called"); return "one"; };');
  writeFileSync(join(folder, 'mayfly.yaml'), 'name: site\n');
  const session = dev('--json');
  const event = async (name: string) =>
    JSON.parse(await session.line((line) => JSON.parse(line).event === name));
  const first = await event('deployed');
  assert.equal(first.app, 'site');
  const { gatewayUrl, pid } = JSON.parse(readFileSync(join(folder, '.mayfly', 'run', 'node.json'), 'utf8'));
  const page = async () => (await fetch(`${gatewayUrl}/@site/page`)).text();
  assert.equal(await page(), 'one');
  assert.equal((await event('log')).message, 'called');

  writeFileSync(file, 'export default () => "two";');
  await event('deployed');
  assert.equal(await page(), 'two');

  writeFileSync(file, 'export default () => {');
  const { problem } = await event('failed');
  assert.equal(problem.code, 'BUILD_FAILED');
  assert.match(problem.detail, /functions\/page\.ts:1/);
  assert.equal(await page(), 'two');

  // As editors save: beside it, then renamed over it.
  writeFileSync(`${file}.swp`, 'export default () => "three";');
  renameSync(`${file}.swp`, file);
  await event('deployed');
  assert.equal(await page(), 'three');

  writeFileSync(join(folder, 'functions', 'more.ts'), 'export default () => "more";');
  const grown = await event('deployed');
  assert.deepEqual(
    grown.functions.map((item: { name: string }) => item.name),
    ['more', 'page'],
  );

  const ended = await session.stop('SIGINT');
  assert.equal(ended.code, 130, ended.stderr);
  assert.equal(isRunning(pid), false);
});

test('a folder that does not build at first is waited for; for people it prints a table', async () => {
  writeFileSync(file, 'export default () => {');
  const session = dev();
  await session.line((line) => line.includes('functions/page.ts:1'));
  writeFileSync(file, 'export default () => "four";');
  await session.line((line) => /^function +methods +url/.test(line));
  await session.line((line) => /^live r-/.test(line));
  assert.equal((await session.stop('SIGTERM')).code, 143);
});

test('a dev that is killed takes its node along', async () => {
  const session = dev('--json');
  await session.line((line) => JSON.parse(line).event === 'deployed');
  const { pid } = JSON.parse(readFileSync(join(folder, '.mayfly', 'run', 'node.json'), 'utf8'));
  await session.stop('SIGKILL');
  const until = Date.now() + 10_000;
  while (isRunning(pid)) {
    assert.ok(Date.now() < until, 'the node still runs');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
