import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { DeployAnswer } from '../../src/contract/release-api.ts';
import type { Runtime } from '../../src/contract/runtime-api.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { deployOf } from './control-fixtures.ts';
import { type ControlNode, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode();
});
after(() => node.close());
afterEach(() => {
  node.runtimes.here.clear();
  node.runtimes.refusal = null;
  node.runtimes.fetched.length = 0;
});

const on22 = (app: string, code: string) => deployOf(app, { a: { code, extra: { runtime: 'nodejs22' } } });
const rowOf22 = async (): Promise<Runtime | undefined> =>
  (await callJson<{ runtimes: Runtime[] }>(node.url, 'GET', '/v1/runtimes')).runtimes[0];

describe('the runtimes of a node', () => {
  it('are listed, fetched, brought as a file and removed', async () => {
    assert.deepEqual(await rowOf22(), {
      name: 'nodejs22',
      version: null,
      bytes: 0,
      from: null,
      integrity: null,
      addedAt: null,
      usedBy: [],
    });
    const added = await callJson<Runtime>(node.url, 'POST', '/v1/runtimes/nodejs22');
    assert.deepEqual([added.name, added.version], ['nodejs22', '1.0.0']);
    assert.equal((await call(node.url, 'DELETE', '/v1/runtimes/nodejs22')).status, 204);
    const path = '/v1/runtimes/nodejs22/package';
    const brought = await callJson<Runtime>(node.url, 'PUT', path, { body: Buffer.from('a package') });
    assert.equal(brought.version, '1.0.0');
    assert.equal((await call(node.url, 'DELETE', '/v1/runtimes/nodejs22')).status, 204);
    const twice = await problemOf(node.url, 'DELETE', '/v1/runtimes/nodejs22');
    assert.equal(twice.code, 'NOT_FOUND');
  });

  it('are fetched by the deploy that needs them, once', async () => {
    await deploy(node.url, on22('fetching', 'one'));
    await deploy(node.url, on22('fetching', 'two'));
    await deploy(node.url, deployOf('plain', { a: 'three' }));
    assert.deepEqual(node.runtimes.fetched, ['nodejs22']);
    assert.deepEqual((await rowOf22())?.usedBy, ['fetching (production)']);
  });

  it('that cannot be fetched fail the deploy and leave what was live', async () => {
    const before = await deploy(node.url, deployOf('kept', { a: 'old' }));
    node.runtimes.refusal = new MayflyError('RUNTIME_UNAVAILABLE', 'No way to the registry.');
    const { codes: _, ...body } = on22('kept', 'old');
    const problem = await problemOf(node.url, 'POST', '/v1/apps/kept/releases', { body });
    assert.deepEqual([problem.status, problem.code], [503, 'RUNTIME_UNAVAILABLE']);
    assert.match(problem.hint ?? '', /--from FILE\.tgz/);
    assert.equal(node.publisher.serving.get('kept/production')?.release, before.release);
    const { releases } = await callJson<{ releases: unknown[] }>(node.url, 'GET', '/v1/apps/kept/releases');
    assert.equal(releases.length, 1);
  });

  it('stay while something live uses them, and come back with a release that is taken back', async () => {
    await deploy(node.url, on22('user', 'old'));
    const problem = await problemOf(node.url, 'DELETE', '/v1/runtimes/nodejs22');
    assert.deepEqual([problem.status, problem.code], [409, 'CONFLICT']);
    assert.match(problem.detail, /user \(production\)/);
    assert.equal((await call(node.url, 'DELETE', '/v1/apps/fetching')).status, 204);
    const next: DeployAnswer = await deploy(node.url, deployOf('user', { a: 'new' }));
    assert.equal((await call(node.url, 'DELETE', '/v1/runtimes/nodejs22')).status, 204);
    await callJson(node.url, 'POST', '/v1/apps/user/environments/production/rollback', { body: {} });
    assert.notEqual(node.publisher.serving.get('user/production')?.release, next.release);
    assert.deepEqual(node.runtimes.fetched, ['nodejs22', 'nodejs22']);
  });
});
