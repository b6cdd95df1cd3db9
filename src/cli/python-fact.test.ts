import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonFact } from './python-fact.ts';

test('a Python that was named and is none is a lack, with what to do', async () => {
  const { ok, detail, fix } = await pythonFact('/nowhere/python3');
  assert.equal(ok, false);
  assert.match(detail, /"\/nowhere\/python3" cannot be used: there is no such program/);
  assert.match(fix!, /MAYFLY_PYTHON/);
});

test('the Python of the machine is told with its version and its place', async () => {
  const { ok, detail, fix } = await pythonFact('python3');
  if (ok) assert.match(detail, /^Python 3\.\d+\.\d+ found at \/.+\.$/);
  else assert.match(fix!, /install python3/);
});
