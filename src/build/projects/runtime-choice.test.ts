import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseRuntime } from './runtime-choice.ts';

test("vendors' names of runtimes", () => {
  const brief = (written: string) => {
    const { runtime, note } = chooseRuntime(written);
    return [runtime, note?.severity ?? null];
  };
  assert.deepEqual(brief('nodejs24'), ['nodejs24', null]);
  assert.deepEqual(brief('node22'), ['nodejs22', null]);
  assert.deepEqual(brief('nodejs'), ['nodejs24', null]);
  for (const old of ['nodejs18.x', 'nodejs:20', 'Nodejs16.13', 'node12']) {
    assert.deepEqual(brief(old), ['nodejs24', 'ignored'], old);
  }
  assert.deepEqual(brief('python3'), ['python3', null]);
  assert.deepEqual(brief('python:3.11'), ['python3', 'ignored']);
  for (const none of ['python2.7', 'go1', 'java11', 'php7.2', 'golang-http', 'nodemon']) {
    assert.deepEqual(brief(none), [null, 'blocks'], none);
  }
});
