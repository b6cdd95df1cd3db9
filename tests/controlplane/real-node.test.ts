import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deployBuild } from '../../src/cli/deployment.ts';
import type { DeployRequest, EnvironmentDescription, TrafficAnswer } from '../../src/contract/release-api.ts';
import { eventually, TestNode } from '../harness/test-node.ts';

/** What the control plane relies on from its real neighbours: gateway, instances, telemetry. */
describe('releases on a real node', () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
  });
  after(() => node.close());

  const deploy = async (files: Record<string, string>, extra: Partial<DeployRequest> = {}) =>
    await deployBuild(node.client, await node.build('shop', files), { environment: 'production', ...extra });
  const path = '/v1/apps/shop/environments/production';
  const describeEnv = () => node.client.get<EnvironmentDescription>(path);
  const served = async (user = 'nobody') => {
    const { status, text } = await node.ask('/@shop/hello', { headers: { 'x-user': user } });
    return [status, text];
  };

  it('a release is checked by its own smoke tests in a real instance before anybody gets it', async () => {
    const smoke = (lines: string): string =>
      `smoke:\n${lines}\nfunctions:\n  hello: { concurrency: { provisioned: 1 } }\n`;
    const hello = (code: string): string => `export default async (request: Request) => { ${code} };`;
    await deploy({
      'mayfly.yaml': smoke('  - { request: GET /hello, contains: one }'),
      'functions/hello.ts': hello("return 'one';"),
    });
    assert.deepEqual(await served(), [200, 'one']);
    const failing: readonly (readonly [string, string, RegExp])[] = [
      ['  - { request: GET /hello, contains: two }', "return 'three';", /answered a body without "two"/],
      ['  - GET /hello', "throw new Error('no');", /answered 500, not 200/],
      ['  - { request: GET /hello, timeout: 300ms }', 'await new Promise(() => {});', /got no answer/],
      ['  - GET /elsewhere', "return 'two';", /answered 404, not 200/],
    ];
    for (const [lines, code, message] of failing) {
      const files = { 'mayfly.yaml': smoke(lines), 'functions/hello.ts': hello(code) };
      await assert.rejects(deploy(files), (error: { code?: string; message: string }) => {
        assert.equal(error.code, 'SMOKE_FAILED');
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(await served(), [200, 'one']);
    }
    const broken = {
      'mayfly.yaml': smoke('  - GET /hello'),
      'functions/hello.ts': "export default () => 1;\nthrow new Error('at once');",
    };
    await assert.rejects(deploy(broken), { code: 'FUNCTION_INIT_FAILED' });
    assert.deepEqual(await served(), [200, 'one']);
    assert.equal((await describeEnv()).history.length, 1);
  });

  it('a canary that fails its clients is aborted by its guards, one that does not is finished', async () => {
    const canary = `
canary:
  steps: [{ weight: 50%, hold: 1s }, { weight: 100% }]
  key: header:x-user
  guards: { errors: 5%, p99: off, calls: 40 }
`;
    const files = (code: string) => ({
      'mayfly.yaml': `${canary}functions:\n  hello: { concurrency: { perInstance: 10 } }\n`,
      'functions/hello.ts': `export default () => { ${code} };`,
    });
    const good = await deploy(files("return 'good';"));
    const bad = await deploy(files("throw new Error('bad');"), { activate: 'canary' });
    assert.equal(bad.state, 'canary');
    let clients = 0;
    const drive = async (): Promise<EnvironmentDescription> => {
      await Promise.all(Array.from({ length: 20 }, () => served(`client ${clients++}`)));
      return await describeEnv();
    };
    const over = async (): Promise<EnvironmentDescription> =>
      await eventually(async () => {
        const environment = await drive();
        return environment.canary === null ? environment : null;
      }, 30_000);
    const aborted = await over();
    assert.equal(aborted.release, good.release);
    assert.deepEqual([aborted.history[0]?.by, aborted.history[0]?.action], ['mayfly', 'canary-abort']);
    assert.match(aborted.history[0]!.reason, /errors in \d+(\.\d+)?% of the calls against 0%/);
    const better = await deploy(files("return 'better';"), { activate: 'canary' });
    const finished = await over();
    assert.equal(finished.release, better.release);
    assert.deepEqual(
      finished.history.slice(0, 3).map(({ action }) => action),
      ['canary-finish', 'canary-step', 'canary-start'],
    );
    assert.deepEqual(await served(), [200, 'better']);
    const back = await node.client.post<TrafficAnswer>(`${path}/rollback`, {});
    assert.equal(back.release, good.release);
    assert.deepEqual(await served(), [200, 'good']);
  });
});
