import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Variable } from '../../src/contract/control-api.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { deployOf } from './control-fixtures.ts';
import { type ControlNode, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode();
});
after(() => node.close());

const pathOf = (app: string, environment = 'production'): string =>
  `/v1/apps/${app}/environments/${environment}/variables`;
const change = async (app: string, body: object, environment?: string): Promise<number> =>
  (await callJson<{ changed: number }>(node.url, 'PUT', pathOf(app, environment), { body })).changed;
const list = async (app: string): Promise<Variable[]> =>
  (await callJson<{ variables: Variable[] }>(node.url, 'GET', pathOf(app))).variables;
const functionOf = (app: string, name: string) =>
  node.publisher.serving.get(`${app}/production`)?.functions.get(name);
const plain = (name: string, value: string, fn?: string) => ({
  name,
  value,
  secret: false,
  ...(fn === undefined ? {} : { function: fn }),
});
const secret = (name: string, value: string) => ({ name, value, secret: true });

describe('variables', () => {
  it('set for one function beat those for all, which beat the manifest', async () => {
    const env = { A: 'file', B: 'file', C: 'file' };
    await deploy(
      node.url,
      deployOf('order', { one: { code: 'x', extra: { env } }, two: { code: 'x', extra: { env } } }),
    );
    assert.equal(
      await change('order', { set: [plain('B', 'all'), plain('C', 'all'), plain('C', 'one', 'one')] }),
      3,
    );
    assert.deepEqual(functionOf('order', 'one')?.env, { A: 'file', B: 'all', C: 'one' });
    assert.deepEqual(functionOf('order', 'two')?.env, { A: 'file', B: 'all', C: 'all' });
    assert.equal(await change('order', { unset: ['C', 'NONE'] }), 2);
    assert.deepEqual(functionOf('order', 'one')?.env, { A: 'file', B: 'all', C: 'file' });
  });

  it('reach what runs at once: new values, new versions, the same release', async () => {
    await deploy(node.url, deployOf('live', { one: 'x', two: 'x' }));
    const before = [functionOf('live', 'one')?.version, functionOf('live', 'two')?.version];
    const { release } = node.publisher.serving.get('live/production')!;
    await change('live', { set: [plain('ONLY', '1', 'one')] });
    assert.notEqual(functionOf('live', 'one')?.version, before[0]);
    assert.equal(functionOf('live', 'two')?.version, before[1]);
    assert.equal(node.publisher.serving.get('live/production')?.release, release);
    await change('live', { unset: ['ONLY'] });
    assert.equal(functionOf('live', 'one')?.version, before[0]);
  });

  it('stay when the app is deployed again, and belong to one environment', async () => {
    assert.equal(await change('early', { set: [plain('A', '1'), secret('B', '2')] }), 2);
    await deploy(node.url, deployOf('early', { one: 'x' }));
    await deploy(node.url, deployOf('early', { one: 'y' }));
    await deploy(node.url, deployOf('early', { one: 'y' }, { environment: 'preview' }));
    assert.deepEqual(functionOf('early', 'one')?.env, { A: '1', B: '2' });
    assert.deepEqual(node.publisher.serving.get('early/preview')?.functions.get('one')?.env, {});
  });

  it('with wrong names or too much in them are refused, and nothing changes', async () => {
    await deploy(node.url, deployOf('strict', { one: 'x' }));
    const refused: readonly (readonly [object, RegExp])[] = [
      [{ set: [plain('1A', 'x')] }, /body\/set\/0\/name must match/],
      [{ set: [plain('A B', 'x')] }, /body\/set\/0\/name must match/],
      [{ set: [{ ...plain('A', 'x'), more: 1 }] }, /body\/set\/0\/more is unknown/],
      [{ set: [plain('A', 'x'.repeat(32_769))] }, /body\/set\/0\/value/],
      [{ set: [plain('A', '1'), plain('A', '2')] }, /A is set twice/],
      [
        { set: Array.from({ length: 5 }, (_, i) => plain(`A${i}`, 'x'.repeat(32_000))) },
        /environment of function "one"/,
      ],
    ];
    for (const [body, detail] of refused) {
      const problem = await problemOf(node.url, 'PUT', pathOf('strict'), { body });
      assert.equal(problem.code, 'VALIDATION_FAILED');
      assert.match(problem.detail, detail);
    }
    assert.deepEqual(await list('strict'), []);
    assert.equal((await problemOf(node.url, 'GET', pathOf('Not_A_Name'))).code, 'VALIDATION_FAILED');
  });

  it('named like inherited properties are ordinary variables', async () => {
    await deploy(node.url, deployOf('names', { one: 'x' }));
    await change('names', {
      set: [plain('__proto__', 'p'), plain('constructor', 'c'), plain('toString', 't')],
    });
    assert.deepEqual(Object.entries(functionOf('names', 'one')?.env ?? {}).sort(), [
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['toString', 't'],
    ]);
    assert.equal(({} as Record<string, unknown>).p, undefined);
  });

  it('changed many times at once end in one whole state', async () => {
    await deploy(node.url, deployOf('busy', { one: 'x' }));
    const pairs = Array.from({ length: 20 }, (_, i) => ({ set: [plain('A', `${i}`), plain('B', `${i}`)] }));
    await Promise.all([
      ...pairs.map((body) => change('busy', body)),
      ...Array.from({ length: 5 }, (_, i) => deploy(node.url, deployOf('busy', { one: `code ${i}` }))),
    ]);
    const { A, B } = functionOf('busy', 'one')?.env ?? {};
    assert.equal(A, B);
    const stored = Object.fromEntries((await list('busy')).map(({ name, value }) => [name, value]));
    assert.deepEqual(stored, { A, B });
  });
});

describe('secrets', () => {
  it('reach the function and are shown to nobody', async () => {
    await deploy(node.url, deployOf('safe', { one: 'x' }));
    await change('safe', {
      set: [secret('PASSWORD', 'correct horse battery staple'), plain('PLAIN', 'open')],
    });
    assert.equal(functionOf('safe', 'one')?.env.PASSWORD, 'correct horse battery staple');
    const variables = await list('safe');
    assert.deepEqual(
      variables.map(({ name, value, secret: hidden }) => [name, value, hidden]),
      [
        ['PASSWORD', null, true],
        ['PLAIN', 'open', false],
      ],
    );
    for (const path of ['/v1/apps/safe', '/v1/apps/safe/releases', '/v1/apps', pathOf('safe')]) {
      assert.equal((await call(node.url, 'GET', path)).text.includes('battery'), false, path);
    }
    for (const file of readdirSync(node.folder, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      assert.equal(
        readFileSync(join(file.parentPath, file.name)).includes('correct horse'),
        false,
        file.name,
      );
    }
  });

  it('that did not change keep the version of what uses them, without giving away their value', async () => {
    await deploy(node.url, deployOf('fixed', { one: 'x' }));
    await change('fixed', { set: [secret('KEY', '1234')] });
    const version = functionOf('fixed', 'one')?.version;
    await change('fixed', { set: [secret('KEY', '1234')] });
    assert.equal(functionOf('fixed', 'one')?.version, version);
    await change('fixed', { set: [plain('KEY', '1234')] });
    assert.notEqual(
      functionOf('fixed', 'one')?.version,
      version,
      'the version is a plain hash of the secret',
    );
    await change('fixed', { set: [secret('KEY', '1235')] });
    assert.notEqual(functionOf('fixed', 'one')?.version, version);
  });

  it('do not open with another master key: the node says so and does not start', async () => {
    const first = await startControlNode();
    try {
      await deploy(first.url, deployOf('locked', { one: 'x' }));
      await callJson(first.url, 'PUT', pathOf('locked'), { body: { set: [secret('KEY', 'v')] } });
      await assert.rejects(
        startControlNode({ folder: first.folder }),
        /KEY of locked\/production does not open/,
      );
    } finally {
      await first.close();
    }
  });
});
