import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPush } from './push-plan.ts';

const A = 'a'.repeat(40);
const branch = (name: string, after: string | null = A) => ({
  ref: `refs/heads/${name}`,
  before: null,
  after,
});

test('the production branch goes to production, last; every other to a preview', () => {
  const { deploys, removals } = planPush('shop', 'main', [branch('main'), branch('beta')]);
  assert.deepEqual(
    deploys.map(({ environment, kind }) => [environment, kind]),
    [
      ['beta', 'preview'],
      ['production', 'permanent'],
    ],
  );
  assert.deepEqual(removals, []);
});

test('a branch that goes takes its preview along; tags do nothing', () => {
  const tag = { ref: 'refs/tags/v1', before: null, after: A };
  const { deploys, removals } = planPush('shop', 'main', [branch('beta', null), tag]);
  assert.deepEqual([deploys, removals], [[], ['beta']]);
});

test('refuses other references, the end of the production branch, and too many branches', () => {
  const refusal = (updates: Parameters<typeof planPush>[2], message: RegExp) =>
    assert.throws(() => planPush('shop', 'main', updates), { code: 'PUSH_REFUSED', message });
  refusal([{ ref: 'refs/notes/x', before: null, after: A }], /neither a branch nor a tag/);
  refusal([branch('main', null)], /cannot be deleted/);
  refusal(
    [1, 2, 3, 4, 5, 6].map((n) => branch(`b${n}`)),
    /5 branches, not 6/,
  );
});
