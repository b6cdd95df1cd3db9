import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { SmokeTest } from '../../src/contract/manifest.ts';
import type { DeployEvent, EnvironmentDescription, ReleaseList } from '../../src/contract/release-api.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import { eventually } from '../harness/test-node.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { canaryPlanOf, deployOf, functionOf } from './control-fixtures.ts';
import { type ControlNode, OPERATOR, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode();
});
after(() => node.close());
beforeEach(() => {
  node.probe.answer = () => ({});
  node.warmness.rows = () => [];
});

const smokeTest = (extra: Partial<SmokeTest> = {}): SmokeTest => ({
  method: 'GET',
  path: '/a?x=1',
  headers: { 'x-test': 'yes' },
  body: null,
  status: 200,
  contains: null,
  timeoutMs: 500,
  ...extra,
});
const smoked = (app: string, code: string, smoke: readonly SmokeTest[], extra: object = {}) => {
  const given = deployOf(app, { a: code }, extra);
  return { ...given, manifest: { ...given.manifest, smoke: [...smoke] } };
};
const bodyOf = ({ codes: _codes, ...body }: ReturnType<typeof deployOf>): object => body;
const upload = async (codes: readonly string[]): Promise<void> => {
  await deploy(
    node.url,
    deployOf('uploads', Object.fromEntries(codes.map((code, i) => [`f${i}`, code])), { activate: 'no' }),
  );
};
const published = (app: string) => {
  const environment = node.publisher.environments.get(`${app}/production`);
  if (environment === undefined) return null;
  return [environment.stable?.release ?? null, environment.candidates.length];
};
const releasesOf = async (app: string): Promise<string[]> =>
  (await callJson<ReleaseList>(node.url, 'GET', `/v1/apps/${app}/releases`)).releases.map(
    ({ release }) => release,
  );

/** A deploy whose client reads the stages; `onLine` is told each as it comes. */
function deployStreaming(app: string, body: object, onLine: (event: DeployEvent) => void = () => {}) {
  const events: DeployEvent[] = [];
  const outgoing = request(new URL(`/v1/apps/${app}/releases`, node.url), {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${OPERATOR}`,
      'content-type': 'application/json',
      accept: 'application/x-ndjson',
    },
  });
  const ended = new Promise<{ status: number; type: string; id: string }>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      let rest = '';
      incoming.on('error', reject);
      incoming.on('data', (part: Buffer) => {
        const lines = (rest + part.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = JSON.parse(line) as DeployEvent;
          events.push(event);
          onLine(event);
        }
      });
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          type: String(incoming.headers['content-type']),
          id: String(incoming.headers['x-mayfly-request-id']),
        }),
      );
    });
  });
  ended.catch(() => {});
  outgoing.end(JSON.stringify(body));
  return { events, ended, outgoing };
}

describe('smoke tests', () => {
  it('ask the candidate by its pin, through the gateway, before anybody else gets it', async () => {
    const old = await deploy(node.url, deployOf('smoke', { a: 'old' }));
    const seen: unknown[] = [];
    node.probe.requests.length = 0;
    node.probe.answer = ({ url }) => {
      const { stable, candidates } = node.publisher.environments.get('smoke/production')!;
      seen.push([url, stable?.release, candidates.length]);
      return { status: 201, body: 'all is well' };
    };
    const tests = [
      smokeTest({ status: 201 }),
      smokeTest({ path: '/b', method: 'POST', body: '{}', status: 201, contains: 'is well' }),
    ];
    const next = await deploy(node.url, smoked('smoke', 'next', tests));
    assert.deepEqual(seen, [
      ['http://127.0.0.1:8080/@smoke/a?x=1', old.release, 1],
      ['http://127.0.0.1:8080/@smoke/b', old.release, 1],
    ]);
    const { pin } = node.publisher.serving.get('smoke/production')!;
    const [first, second] = node.probe.requests;
    assert.deepEqual(first?.headers, { 'x-test': 'yes', 'x-mayfly-release': pin });
    assert.ok(first!.timeoutMs <= 500 && first!.timeoutMs > 0);
    assert.deepEqual([second?.method, second?.body], ['POST', '{}']);
    assert.match(pin, new RegExp(`^${next.release}\\.[0-9a-f]{32}$`));
    assert.deepEqual(published('smoke'), [next.release, 0]);
  });

  it('that fail, or get no answer in time, leave what ran, and nothing of the release', async () => {
    const old = await deploy(node.url, deployOf('burnt', { a: 'old' }));
    await upload(['next']);
    const fails = async (test: SmokeTest, answer: ReturnType<typeof node.probe.answer>): Promise<string> => {
      node.probe.answer = () => answer;
      const body = bodyOf(smoked('burnt', 'next', [test]));
      const problem = await problemOf(node.url, 'POST', '/v1/apps/burnt/releases', { body });
      assert.deepEqual([problem.code, problem.status], ['SMOKE_FAILED', 422]);
      assert.deepEqual(published('burnt'), [old.release, 0]);
      assert.deepEqual(await releasesOf('burnt'), [old.release]);
      return problem.detail;
    };
    assert.match(
      await fails(smokeTest(), { status: 500, body: 'oh no' }),
      /GET \/a\?x=1 answered 500, not 200/,
    );
    assert.match(await fails(smokeTest({ contains: 'joy' }), { body: 'sorrow' }), /without "joy"/);
    assert.match(await fails(smokeTest(), null), /got no answer: no answer within \d+ ms/);
    assert.equal(
      (await callJson<EnvironmentDescription>(node.url, 'GET', '/v1/apps/burnt/environments/production'))
        .history.length,
      1,
    );
  });

  it('of the first release of an environment leave no environment behind when they fail', async () => {
    node.probe.answer = () => {
      assert.deepEqual(published('first'), [null, 1]);
      return { status: 404 };
    };
    await upload(['x']);
    const body = bodyOf(smoked('first', 'x', [smokeTest()]));
    assert.equal(
      (await problemOf(node.url, 'POST', '/v1/apps/first/releases', { body })).code,
      'SMOKE_FAILED',
    );
    assert.equal(published('first'), null);
    assert.equal((await problemOf(node.url, 'GET', '/v1/apps/first/releases')).code, 'APP_NOT_FOUND');
  });

  it('check a promotion in its new place, and a canary before its first client', async () => {
    const old = await deploy(node.url, deployOf('moved', { a: 'old' }));
    const next = await deploy(node.url, smoked('moved', 'next', [smokeTest()], { environment: 'staging' }));
    node.probe.answer = ({ url }) => ({ status: url.includes('/@moved/') ? 500 : 200 });
    const path = '/v1/apps/moved/environments/production/promote';
    for (const extra of [{}, { canary: canaryPlanOf([{ weight: 100, holdMs: null }]) }]) {
      const body = { release: next.release, ...extra };
      assert.equal((await problemOf(node.url, 'POST', path, { body })).code, 'SMOKE_FAILED');
      assert.deepEqual(published('moved'), [old.release, 0]);
    }
  });
});

describe('provisioned instances', () => {
  const { limits } = functionOf('a', 'x');
  const warm = { limits: { ...limits, provisioned: 2 } };
  const row = { function: 'a', wanted: 2, error: null };

  it('are ready before the release is activated', async () => {
    const old = await deploy(node.url, deployOf('warm', { a: 'old' }));
    let asked = 0;
    node.warmness.rows = () => {
      assert.deepEqual(published('warm'), [old.release, 1]);
      return [{ ...row, ready: asked++ }];
    };
    const next = await deploy(node.url, deployOf('warm', { a: { code: 'next', extra: warm } }));
    assert.equal(asked, 3);
    assert.deepEqual(published('warm'), [next.release, 0]);
  });

  it('of variables that change meanwhile: the release is activated with the new values', async () => {
    let change: Promise<unknown> | null = null;
    let ready = 0;
    const becomeReady = (): void => {
      ready = 2;
    };
    const variables = '/v1/apps/moving/environments/production/variables';
    const body = { set: [{ name: 'COLOUR', value: 'red', secret: false }] };
    node.warmness.rows = () => {
      change ??= callJson(node.url, 'PUT', variables, { body }).then(becomeReady);
      return [{ ...row, ready }];
    };
    const { release } = await deploy(node.url, deployOf('moving', { a: { code: 'x', extra: warm } }));
    const serving = node.publisher.serving.get('moving/production');
    await change;
    assert.deepEqual([serving?.release, serving?.functions.get('a')?.env], [release, { COLOUR: 'red' }]);
    assert.deepEqual(published('moving'), [release, 0]);
  });

  it('that cannot be started end the deploy with their error', async () => {
    const old = await deploy(node.url, deployOf('cold', { a: 'old' }));
    await upload(['next']);
    const error = new MayflyError('FUNCTION_INIT_FAILED', 'SyntaxError: no');
    node.warmness.rows = () => [{ ...row, ready: 1, error }];
    const body = bodyOf(deployOf('cold', { a: { code: 'next', extra: warm } }));
    const problem = await problemOf(node.url, 'POST', '/v1/apps/cold/releases', { body });
    assert.equal(problem.code, 'FUNCTION_INIT_FAILED');
    assert.deepEqual(published('cold'), [old.release, 0]);
  });
});

describe('a deploy that tells its stages', () => {
  it('tells each as it begins, and the answer at last', async () => {
    await upload(['x']);
    const { limits } = functionOf('a', 'x');
    node.warmness.rows = () => [{ function: 'a', wanted: 1, ready: 1, error: null }];
    const given = smoked('told', 'x', [smokeTest()]);
    const functions = given.manifest.functions.map((fn) => ({
      ...fn,
      limits: { ...limits, provisioned: 1 },
    }));
    const stream = deployStreaming('told', bodyOf({ ...given, manifest: { ...given.manifest, functions } }));
    const { status, type, id } = await stream.ended;
    assert.deepEqual([status, type], [200, 'application/x-ndjson']);
    assert.match(id, /^[0-9a-f]{32}$/);
    const stages = stream.events.map((event) => (event.event === 'stage' ? event.stage : event.event));
    assert.deepEqual(stages, ['check', 'upload', 'resources', 'warm', 'smoke', 'activate', 'done']);
    const last = stream.events.at(-1);
    assert.equal(last?.event === 'done' && last.answer.state, 'live');
  });

  it('tells what went wrong as its last line', async () => {
    await upload(['x', 'y']);
    node.probe.answer = () => ({ status: 500 });
    const failing = deployStreaming('told-off', bodyOf(smoked('told-off', 'x', [smokeTest()])));
    assert.equal((await failing.ended).status, 200);
    const last = failing.events.at(-1);
    assert.equal(last?.event === 'failed' && last.problem.code, 'SMOKE_FAILED');
    await deploy(node.url, deployOf('told-off', { a: 'y' }));
    const again = deployStreaming('told-off', bodyOf(deployOf('told-off', { a: 'y' })));
    await again.ended;
    const refusal = again.events.at(-1);
    assert.equal(refusal?.event === 'failed' && refusal.problem.code, 'ALREADY_LIVE');
    const refused = await call(node.url, 'POST', '/v1/apps/told-off/releases', {
      body: { zap: 1 },
      headers: { accept: 'application/x-ndjson' },
    });
    assert.equal(refused.status, 400);
  });

  it('goes on when its client leaves', async () => {
    await upload(['x']);
    const gone = Promise.withResolvers<void>();
    let ready = 0;
    node.warmness.rows = () => [{ function: 'a', wanted: 1, ready, error: null }];
    const { limits } = functionOf('a', 'x');
    const body = bodyOf(
      deployOf('left', { a: { code: 'x', extra: { limits: { ...limits, provisioned: 1 } } } }),
    );
    const stream = deployStreaming('left', body, (event) => {
      if (event.event !== 'stage' || event.stage !== 'warm') return;
      stream.outgoing.destroy();
      gone.resolve();
    });
    await gone.promise;
    await assert.rejects(stream.ended);
    ready = 1;
    await eventually(() => published('left')?.[0]);
    assert.equal((await releasesOf('left')).length, 1);
  });
});

describe('deploys at once', () => {
  it('of the same content: one is made live, the other is told that it is', async () => {
    await upload(['same']);
    const body = bodyOf(deployOf('twins', { a: 'same' }));
    const answers = await Promise.all(
      [1, 2].map(() => call(node.url, 'POST', '/v1/apps/twins/releases', { body })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    const problem = JSON.parse(answers.find(({ status }) => status === 409)!.text);
    const answer = JSON.parse(answers.find(({ status }) => status === 200)!.text);
    assert.equal(problem.code, 'ALREADY_LIVE');
    assert.deepEqual(problem.details.answer, answer);
  });

  it('while one is checked for long: the other does not wait, both are recorded in one order', async () => {
    await upload(['slow', 'fast']);
    const asked = Promise.withResolvers<void>();
    let ready = 0;
    node.warmness.rows = () => {
      asked.resolve();
      return [{ function: 'a', wanted: 1, ready, error: null }];
    };
    const { limits } = functionOf('a', 'x');
    const slow = deploy(
      node.url,
      deployOf('pair', { a: { code: 'slow', extra: { limits: { ...limits, provisioned: 1 } } } }),
    );
    await asked.promise;
    const fast = await deploy(node.url, deployOf('pair', { a: 'fast' }));
    assert.deepEqual(published('pair'), [fast.release, 1]);
    ready = 1;
    const { release } = await slow;
    assert.deepEqual(published('pair'), [release, 0]);
    assert.deepEqual(await releasesOf('pair'), [release, fast.release]);
    const { history } = await callJson<EnvironmentDescription>(
      node.url,
      'GET',
      '/v1/apps/pair/environments/production',
    );
    assert.deepEqual(
      history.map(({ seq, release: id }) => [seq, id]),
      [
        [2, release],
        [1, fast.release],
      ],
    );
  });
});

it('a node that closes ends the checks under way and takes no deploy more', async () => {
  const closing = await startControlNode();
  try {
    const asked = Promise.withResolvers<void>();
    closing.warmness.rows = () => {
      asked.resolve();
      return [{ function: 'a', wanted: 1, ready: 0, error: null }];
    };
    const { limits } = functionOf('a', 'x');
    const given = deployOf('late', { a: { code: 'x', extra: { limits: { ...limits, provisioned: 1 } } } });
    const deployed = deploy(closing.url, given).then(() => 'deployed', String);
    await asked.promise;
    await closing.plane.deploys.close();
    assert.match(await deployed, /SHUTTING_DOWN/);
    await assert.rejects(closing.plane.deploys.deploy('late', given, 'me'), { code: 'SHUTTING_DOWN' });
    assert.equal(closing.publisher.environments.size, 0);
  } finally {
    await closing.close();
  }
});
