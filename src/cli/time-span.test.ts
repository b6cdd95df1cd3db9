import assert from 'node:assert/strict';
import test from 'node:test';
import { MayflyError } from '../domain/errors.ts';
import { parseSince, parseSpan } from './time-span.ts';

test('spans are numbers with a unit', () => {
  assert.equal(parseSpan('250ms'), 250);
  assert.equal(parseSpan('5m'), 300_000);
  assert.equal(parseSpan('7d'), 604_800_000);
  for (const wrong of ['', '5', 'm', '-5m', '5 minutes']) {
    assert.throws(
      () => parseSpan(wrong),
      (error) => error instanceof MayflyError && error.code === 'USAGE',
    );
  }
});

test('since is a span before now, or a date', () => {
  assert.equal(parseSince('10s', 100_000), 90_000);
  assert.equal(parseSince('2025-11-21T10:00:00Z', 0), Date.UTC(2025, 10, 21, 10));
  assert.throws(() => parseSince('2025-13-41', 0), MayflyError);
});
