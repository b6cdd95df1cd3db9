import assert from 'node:assert/strict';
import { test } from 'node:test';
import { residentBytes } from './process-tree.ts';

const MB = 1024 * 1024;

test('memory counts as a process’s own when it filled it, not when it is the runtime’s binary', {
  skip: process.platform === 'linux' ? false : 'needs /proc',
}, () => {
  const before = residentBytes(process.pid);
  assert.ok(before > MB && before < process.memoryUsage.rss() - 10 * MB, `${before / MB} MB`);
  const filled = Buffer.alloc(64 * MB, 1);
  const after = residentBytes(process.pid);
  assert.ok(after - before > 50 * MB, `${(after - before) / MB} MB more with ${filled.length / MB} MB`);
  assert.equal(residentBytes(2 ** 30), 0, 'of a process that is not there');
});
