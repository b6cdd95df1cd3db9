import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppDraft } from './app-draft.ts';

const at = (line: number) => ({ file: 'stack.yml', line, column: 1 });

test('a draft gathers settings, and knows where each comes from', () => {
  const draft = new AppDraft('stack.yml');
  draft.name('My Shop', at(1));
  const name = draft.nameFor('payOrder');
  draft.addFunction(name, at(3));
  draft.set(['functions', name, 'handler'], 'pay.js', at(4));
  draft.env(name, 'A', 1, at(5));
  draft.add(['functions', name, 'routes'], 'GET /a', at(6));
  draft.add(['functions', name, 'routes'], 'GET /b', at(7));
  draft.add(['functions', name, 'routes'], 'GET /a', at(8));
  draft.set(['functions', name, 'memory'], undefined, at(9));
  draft.later({ place: at(9), what: 'queue', means: 'waits', function: name });
  const { app, placeOf, findings } = draft.finish();
  assert.deepEqual(app, {
    name: 'my-shop',
    functions: { 'pay-order': { routes: ['GET /a', 'GET /b'], handler: 'pay.js', env: { A: 1 } } },
  });
  assert.equal(placeOf(['functions', name, 'routes', 1], 'value').line, 7);
  assert.equal(placeOf(['functions', name, 'env', 'A'], 'key').line, 5);
  assert.equal(placeOf(['functions', name, 'timeout'], 'key').line, 3);
  assert.deepEqual(placeOf(['canary'], 'key'), { file: 'stack.yml', line: null, column: null });
  assert.deepEqual(findings, [
    {
      severity: 'later',
      place: at(9),
      what: 'queue',
      means: 'waits',
      suggestion: null,
      function: 'pay-order',
    },
  ]);
});

test('names are made fit, kept apart, and stay the same for the same', () => {
  const draft = new AppDraft('stack.yml');
  assert.deepEqual(
    ['getUser', 'get_user', 'get-user', 'getUser', '!!'].map((name) => draft.nameFor(name)),
    ['get-user', 'get-user-2', 'get-user-3', 'get-user', 'function'],
  );
});
