import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { branchLabel } from './branch-label.ts';

test('a branch becomes a label', () => {
  const cases: [string, string][] = [
    ['main', 'main'],
    ['feature/Fast-Cart', 'feature-fast-cart'],
    ['fix_#12', 'fix-12'],
    ['a--b', 'a-b'],
    ['…', ''],
  ];
  for (const [branch, label] of cases) assert.equal(branchLabel(branch, 50), label, branch);
});

test('long branches that begin alike stay apart, and labels are labels of the length asked for', () => {
  const branch = 'dependabot/npm_and_yarn/some-scope/some-package-with-a-long-name-1.2.';
  const [one, two] = [branchLabel(`${branch}3`, 40), branchLabel(`${branch}4`, 40)];
  assert.notEqual(one, two);
  assert.match(one, /^dependabot-npm-and-yarn-some-scop-[0-9a-f]{6}$/);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 8, max: 63 }), (text, charsMax) => {
      const label = branchLabel(text, charsMax);
      assert.ok(label.length <= charsMax, label);
      assert.match(label, /^$|^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      assert.doesNotMatch(label, /--/);
    }),
  );
});
