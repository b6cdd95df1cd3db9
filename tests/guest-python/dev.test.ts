import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyProcess } from '../cli/mayfly-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'python-dev-'));
after(() => rmSync(folder, { recursive: true }));

test('under dev, a saved module is live, and one that is broken leaves the last release', async () => {
  mkdirSync(join(folder, 'functions'));
  writeFileSync(join(folder, 'mayfly.yaml'), 'name: site\n');
  const page = 'import words\ndef lambda_handler(event, context): return words.WORD\n';
  writeFileSync(join(folder, 'functions/page.py'), page);
  writeFileSync(join(folder, 'words.py'), 'WORD = "one"\n');
  const ports = ['gateway', 'control', 'edge'].flatMap((name) => [`--${name}-port`, '0']);
  const session = new MayflyProcess(['dev', '--json', '--isolation', 'process', ...ports], { cwd: folder });
  const event = async (name: string) =>
    JSON.parse(await session.line((line) => JSON.parse(line).event === name));
  await event('deployed');
  const { gatewayUrl } = JSON.parse(readFileSync(join(folder, '.mayfly/run/node.json'), 'utf8'));
  const text = async () => (await fetch(`${gatewayUrl}/@site/page`)).text();
  assert.equal(await text(), 'one');

  writeFileSync(join(folder, 'words.py'), 'WORD = "two"\n');
  await event('deployed');
  assert.equal(await text(), 'two');

  writeFileSync(join(folder, 'words.py'), 'WORD = \n');
  const { problem } = await event('failed');
  assert.match(problem.detail, /words\.py:1/);
  assert.equal(await text(), 'two');
  await session.stop('SIGINT');
});
