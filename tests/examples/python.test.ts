import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import type { DeployAnswer } from '../../src/contract/release-api.ts';
import { runInShell } from '../cli/test-shell.ts';
import { eventually, TestNode } from '../harness/test-node.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

describe('python, deployed by the command line', () => {
  let node: TestNode;
  let book: Buffer;

  before(async () => {
    const isolation = (await bubblewrapRefusal(lookAtMachine())) === null ? 'sandbox' : 'process';
    node = await TestNode.start({ isolation });
    book = await readFile(join(EXAMPLES, 'quickstart/data/opticks.txt'));
    const { code, stdout, stderr } = await runInShell(['deploy', join(EXAMPLES, 'python'), '--json'], {
      env: { PATH: process.env.PATH ?? '', MAYFLY_URL: node.controlUrl, MAYFLY_TOKEN: node.token },
    });
    assert.equal(code, 0, stderr);
    const { functions } = JSON.parse(stdout) as DeployAnswer;
    assert.deepEqual(
      functions.map(({ name, runtime, dialect }) => [name, runtime, dialect]),
      [
        ['hello', 'python3', 'event'],
        ['lines', 'python3', 'http'],
        ['words', 'python3', 'lambda'],
      ],
    );
  });
  after(() => node.close());

  it('greets', async () => {
    const { json } = await node.ask('/@python/hello?name=Ada');
    const { hello, from } = json as { hello: string; from: string };
    assert.equal(hello, 'Ada');
    assert.match(from, /^Python 3\./);
  });

  it('counts the words of a book, and logs it with fields', async () => {
    const answer = await node.ask('/@python/words', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: book,
    });
    const { words, most } = answer.json as { words: number; most: [string, number][] };
    assert.ok(words > 80_000 && words < 120_000, `${words} words`);
    assert.equal(most[0]?.[0], 'the');
    const id = String(answer.headers['x-mayfly-request-id']);
    const line = await eventually(async () => (await node.logs({ request: id }))[0]);
    assert.deepEqual([line.message, line.level, line.fields?.words], ['counted', 'info', words]);
  });

  it('streams lines', async () => {
    const { text } = await node.ask('/@python/lines', { method: 'POST', body: book });
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, book.toString().trimEnd().split('\n').length);
    assert.match(lines[99]!, /^100 \d+$/);
  });
});
