import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomHex } from './ids.ts';

test('ids have the length asked for and do not repeat, across the blocks that they are drawn from', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 3_000; i++) {
    const bytes = [16, 8, 7][i % 3]!;
    const id = randomHex(bytes);
    assert.match(id, /^[0-9a-f]+$/);
    assert.equal(id.length, 2 * bytes);
    seen.add(id);
  }
  assert.equal(seen.size, 3_000);
});

test('every bit of an id is set in about half of them', () => {
  const counts = new Array<number>(64).fill(0);
  for (let i = 0; i < 4_000; i++) {
    const value = BigInt(`0x${randomHex(8)}`);
    for (let bit = 0; bit < 64; bit++) counts[bit]! += Number((value >> BigInt(bit)) & 1n);
  }
  // Nine standard deviations: never by chance.
  for (const count of counts) assert.ok(Math.abs(count - 2_000) < 285, String(count));
});
