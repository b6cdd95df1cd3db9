import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPackages } from './package-plan.ts';

const plan = (manifest: unknown, locked = false) => planPackages(JSON.stringify(manifest), locked);

test('installs only what there is, and by the lock file where there is one', () => {
  assert.deepEqual(plan({ dependencies: { a: '1' } }, true).install, ['npm', 'ci']);
  assert.deepEqual(plan({ devDependencies: { a: '1' } }).install, ['npm', 'install']);
  assert.deepEqual(plan({ workspaces: ['packages/*'] }).install, ['npm', 'install']);
  assert.equal(plan({ dependencies: {} }, true).install, null);
});

test('tests where there is a test, not where npm init wrote that there is none', () => {
  assert.deepEqual(plan({ scripts: { test: 'node --test' } }).test, ['npm', 'test']);
  assert.equal(plan({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }).test, null);
  assert.equal(plan({ scripts: { test: '  ' } }).test, null);
  assert.equal(plan({ scripts: {} }).test, null);
});

test('does nothing for a folder without a package.json, or with one that is none', () => {
  const nothing = { install: null, test: null };
  assert.deepEqual(planPackages(null, true), nothing);
  assert.deepEqual(planPackages('{', true), nothing);
  assert.deepEqual(planPackages('null', true), nothing);
});
