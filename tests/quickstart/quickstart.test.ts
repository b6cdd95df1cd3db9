import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isRunning, MayflyProcess, mayfly } from '../cli/mayfly-process.ts';

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'quick-'));
});
after(() => rmSync(folder, { recursive: true }));

test('quickstart deploys, calls every function, shows what came back and the bill, and stops', async () => {
  const result = await mayfly(['quickstart', '--exit', '--json'], { cwd: folder });
  assert.equal(result.code, 0, result.stderr);
  const { deployment, calls, usage, node } = JSON.parse(result.stdout);
  const names = ['hello', 'legacy', 'list', 'thumbnail', 'wordcount'];
  assert.deepEqual(
    deployment.functions.map((item: { name: string }) => item.name),
    names,
  );
  assert.deepEqual(calls.map((call: { function: string }) => call.function).sort(), names);
  for (const call of calls) assert.equal(call.ok, true, `${call.function}: ${call.proof}`);
  const proofs = Object.fromEntries(
    calls.map((call: { function: string; proof: string }) => [call.function, call.proof]),
  );
  assert.match(proofs.thumbnail, /640 × 427 → 320 × 214 pixels/);
  assert.match(proofs.wordcount, /^100801 words/);
  // One cold call and five warm ones of each.
  assert.equal(usage.total.calls, 30);
  assert.equal(usage.total.coldStarts, 5);
  assert.equal(usage.total.errors, 0);
  assert.ok(usage.total.cost > 0);
  await assert.rejects(fetch(node.gateway));
});

test('it takes free ports when the usual ones are taken, and stays up until Ctrl-C', async () => {
  const taken = [8080, 8090].map((port) =>
    createServer()
      .on('error', () => {})
      .listen(port, '127.0.0.1'),
  );
  const session = new MayflyProcess(['quickstart'], { cwd: folder });
  try {
    await session.line((line) => line.startsWith('Prices: '));
    const { stderr } = session;
    const gateway = /gateway (http:\S+),/.exec(stderr)![1]!;
    assert.notEqual(new URL(gateway).port, '8080');
    const answer = await fetch(`${gateway}/@quickstart/list`);
    assert.deepEqual(await answer.json(), ['mayfly', 'damselfly', 'dragonfly']);
    const status = await mayfly(['status', '--json'], { cwd: folder });
    const { pid } = JSON.parse(status.stdout);
    assert.equal((await session.stop('SIGINT')).code, 130);
    assert.equal(isRunning(pid), false);
  } finally {
    session.child.kill('SIGKILL');
    for (const server of taken) server.close();
  }
});
