import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AppSummary, Variable } from '../../src/contract/control-api.ts';
import type {
  DeployAnswer,
  EnvironmentDescription,
  EnvironmentList,
  ReleaseDescription,
  ReleaseDiff,
  ReleaseList,
  TrafficAnswer,
} from '../../src/contract/release-api.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { canaryPlanOf, codeOf, deployOf } from './control-fixtures.ts';
import { type ControlNode, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode();
});
after(() => node.close());

const plan = canaryPlanOf([
  { weight: 1_000, holdMs: 60_000 },
  { weight: 10_000, holdMs: null },
]);
const pathOf = (app: string, environment = 'production', action = ''): string =>
  `/v1/apps/${app}/environments/${environment}${action === '' ? '' : `/${action}`}`;
const act = (app: string, action: string, body: object, environment?: string): Promise<TrafficAnswer> =>
  callJson<TrafficAnswer>(node.url, 'POST', pathOf(app, environment, action), { body });
const refused = async (app: string, action: string, body: object, environment?: string): Promise<string> =>
  (await problemOf(node.url, 'POST', pathOf(app, environment, action), { body })).code;
const describeEnv = (app: string, environment?: string): Promise<EnvironmentDescription> =>
  callJson<EnvironmentDescription>(node.url, 'GET', pathOf(app, environment));
const published = (app: string, environment = 'production') => {
  const { stable, canary, candidates } = node.publisher.environments.get(`${app}/${environment}`)!;
  return [
    stable?.release ?? null,
    canary?.snapshot.release ?? null,
    canary?.weight ?? null,
    candidates.length,
  ];
};
/** One function of this code. */
const release = (app: string, code: string, extra: object = {}): Promise<DeployAnswer> =>
  deploy(node.url, deployOf(app, { a: code }, extra));
/** State as a client sees it and as the data plane has it; unchanged by whatever is refused. */
const stateOf = async (app: string): Promise<unknown> => [
  (await callJson<EnvironmentList>(node.url, 'GET', `/v1/apps/${app}/environments`)).environments,
  (await callJson<ReleaseList>(node.url, 'GET', `/v1/apps/${app}/releases`)).releases,
  (await describeEnv(app)).history,
  node.publisher.environments.get(`${app}/production`),
];

describe('releases', () => {
  it('are known by their content: the same again is the same release, with its first message', async () => {
    const one = await release('same', 'one', { message: 'first' });
    const two = await release('same', 'two', { message: 'second' });
    const again = await release('same', 'one', { message: 'back to one' });
    assert.equal(again.release, one.release);
    assert.notEqual(two.release, one.release);
    const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/same/releases');
    assert.deepEqual(
      releases.map(({ release: id, message, activeIn }) => [id, message, activeIn]),
      [
        [one.release, 'first', ['production']],
        [two.release, 'second', []],
      ],
    );
    const { history, activatedAt } = await describeEnv('same');
    assert.deepEqual(
      history.map(({ seq, by, action, release: id, reason }) => [seq, by, action, id, reason]),
      [
        [3, 'operator', 'deploy', one.release, 'back to one'],
        [2, 'operator', 'deploy', two.release, 'second'],
        [1, 'operator', 'deploy', one.release, 'first'],
      ],
    );
    assert.equal(activatedAt, history[0]?.at);
  });

  it('are described and compared', async () => {
    const one = await release('compared', 'one');
    const two = await deploy(node.url, deployOf('compared', { a: 'other', b: 'new' }, { message: 'more' }));
    const path = `/v1/apps/compared/releases/${two.release}`;
    const described = await callJson<ReleaseDescription>(node.url, 'GET', path);
    assert.equal(described.message, 'more');
    assert.deepEqual(described.artifacts, [
      { artifact: codeOf('other').artifact, files: 1, bytes: 5 },
      { artifact: codeOf('new').artifact, files: 1, bytes: 3 },
    ]);
    const diff = await callJson<ReleaseDiff>(node.url, 'GET', `${path}/diff?against=${one.release}`);
    assert.deepEqual(diff.functions, [
      { name: 'a', change: 'changed', parts: ['code'], bytesBefore: 3, bytesAfter: 5 },
      { name: 'b', change: 'added', parts: [], bytesBefore: null, bytesAfter: 3 },
    ]);
    for (const wrong of ['/v1/apps/compared/releases/r-0', `${path}/diff?against=r-0`]) {
      assert.equal((await problemOf(node.url, 'GET', wrong)).code, 'RELEASE_NOT_FOUND');
    }
  });

  it('that are kept without being activated serve nobody until they are promoted', async () => {
    const kept = await release('shelf', 'one', { activate: 'no', message: 'for later' });
    assert.equal(kept.state, 'inactive');
    assert.equal(node.publisher.environments.has('shelf/production'), false);
    assert.equal((await problemOf(node.url, 'GET', '/v1/apps/shelf')).code, 'APP_NOT_FOUND');
    const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/shelf/releases');
    assert.deepEqual(
      releases.map(({ release: id, activeIn }) => [id, activeIn]),
      [[kept.release, []]],
    );
    const answer = await act('shelf', 'promote', { release: kept.release, reason: 'now' });
    assert.deepEqual([answer.release, answer.canary], [kept.release, null]);
    assert.ok(answer.activationMs > 0);
    assert.deepEqual(published('shelf'), [kept.release, null, null, 0]);
    assert.equal((await release('shelf', 'one', { activate: 'no' })).state, 'live');
  });
});

describe('an environment', () => {
  it('goes from release to release and back, and tells what was done', async () => {
    const [one, two, three] = [
      await release('walk', '1'),
      await release('walk', '2'),
      await release('walk', '3'),
    ];
    const back = await act('walk', 'rollback', {});
    assert.equal(back.release, two.release);
    assert.deepEqual(published('walk'), [two.release, null, null, 0]);
    assert.equal((await act('walk', 'promote', { release: three.release })).release, three.release);
    assert.equal(
      (await act('walk', 'rollback', { release: one.release, reason: 'bad day' })).release,
      one.release,
    );
    const { history } = await describeEnv('walk');
    assert.deepEqual(
      history.slice(0, 3).map(({ action, release: id, reason }) => [action, id, reason]),
      [
        ['rollback', one.release, 'bad day'],
        ['promote', three.release, 'Promoted.'],
        ['rollback', two.release, `Rolled back from ${three.release}.`],
      ],
    );
    assert.deepEqual(
      node.activities.filter(({ app }) => app === 'walk').map(({ seq, action }) => [seq, action]),
      [...history].reverse().map(({ seq, action }) => [seq, action]),
    );
  });

  it('takes over what another serves', async () => {
    await release('stages', 'old');
    const next = await release('stages', 'next', { environment: 'staging' });
    assert.equal((await act('stages', 'promote', { from: 'staging' })).release, next.release);
    assert.deepEqual(published('stages'), [next.release, null, null, 0]);
    await act('stages', 'promote', { from: 'staging' }, 'qa');
    const { environments } = await callJson<EnvironmentList>(node.url, 'GET', '/v1/apps/stages/environments');
    assert.deepEqual(
      environments.map(({ environment, kind, release: id }) => [environment, kind, id]),
      [
        ['production', 'permanent', next.release],
        ['qa', 'permanent', next.release],
        ['staging', 'permanent', next.release],
      ],
    );
  });

  it('is cloned with its variables, secrets sealed for the new place', async () => {
    const one = await release('cloned', 'x');
    const set = [
      { name: 'PLAIN', value: 'p', secret: false },
      { name: 'SECRET', value: 's', secret: true },
    ];
    await callJson(node.url, 'PUT', pathOf('cloned', 'production', 'variables'), { body: { set } });
    const body = { to: 'preview-1', kind: 'preview' };
    const clone = await callJson<EnvironmentDescription>(
      node.url,
      'POST',
      pathOf('cloned', 'production', 'clone'),
      {
        body,
      },
    );
    assert.deepEqual(
      [clone.environment, clone.kind, clone.release, clone.url],
      ['preview-1', 'preview', one.release, 'http://cloned--preview-1.localhost:8080/'],
    );
    assert.equal(clone.history[0]?.reason, 'Cloned from production.');
    const twin = node.publisher.serving.get('cloned/preview-1');
    assert.deepEqual(twin?.functions.get('a')?.env, { PLAIN: 'p', SECRET: 's' });
    assert.notEqual(twin?.pin, node.publisher.serving.get('cloned/production')?.pin);
    const again = await startControlNode({ folder: node.folder, masterKey: node.masterKey });
    assert.deepEqual(again.publisher.serving.get('cloned/preview-1'), twin);
    await again.close();
    const { variables } = await callJson<{ variables: Variable[] }>(
      node.url,
      'GET',
      pathOf('cloned', 'preview-1', 'variables'),
    );
    assert.equal(variables.length, 2);
  });

  it('is removed with what is its own, and leaves the others', async () => {
    const one = await release('tidy', 'x');
    await release('tidy', 'y', { environment: 'preview-1', kind: 'preview' });
    const path = pathOf('tidy', 'preview-1');
    await callJson(node.url, 'PUT', `${path}/variables`, {
      body: { set: [{ name: 'A', value: '1', secret: false }] },
    });
    assert.equal((await call(node.url, 'DELETE', path)).status, 204);
    assert.equal(node.publisher.environments.has('tidy/preview-1'), false);
    assert.equal((await problemOf(node.url, 'GET', path)).code, 'NOT_FOUND');
    assert.equal((await problemOf(node.url, 'DELETE', path)).code, 'NOT_FOUND');
    const left = await callJson<{ variables: Variable[] }>(node.url, 'GET', `${path}/variables`);
    assert.deepEqual(left.variables, []);
    assert.deepEqual(published('tidy'), [one.release, null, null, 0]);
    const production = await problemOf(node.url, 'DELETE', pathOf('tidy'));
    assert.deepEqual(
      [production.code, /mayfly remove tidy/.test(production.detail)],
      ['VALIDATION_FAILED', true],
    );
  });
});

describe('a canary', () => {
  it('is begun by a deploy, changed by hand, and finished', async () => {
    const old = await release('trial', 'old');
    const next = await release('trial', 'next', { activate: 'canary', canary: plan, message: 'try it' });
    assert.equal(next.state, 'canary');
    assert.deepEqual(published('trial'), [old.release, next.release, 1_000, 0]);
    assert.deepEqual(node.publisher.environments.get('trial/production')?.canary?.key, { kind: 'cookie' });
    const { canary } = await describeEnv('trial');
    assert.deepEqual(
      [canary?.release, canary?.weight, canary?.step, canary?.paused, canary?.health?.canary.release],
      [next.release, 1_000, 0, false, next.release],
    );
    assert.equal(canary?.nextStepAt, canary!.stepSince + 60_000);
    assert.match(canary!.id, /^c-[0-9a-f]{12}$/);
    const { apps } = await callJson<{ apps: AppSummary[] }>(node.url, 'GET', '/v1/apps');
    const summary = apps.find(({ app }) => app === 'trial');
    assert.deepEqual(
      [summary?.release, summary?.canary],
      [old.release, { release: next.release, weight: 1_000 }],
    );
    const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/trial/releases');
    assert.deepEqual(releases[0]?.canaryIn, ['production']);
    const raised = await act('trial', 'canary', { action: 'set', weight: 2_500 });
    assert.deepEqual(raised.canary, { release: next.release, weight: 2_500 });
    await act('trial', 'canary', { action: 'pause' });
    assert.equal((await describeEnv('trial')).canary?.nextStepAt, null);
    await act('trial', 'canary', { action: 'resume' });
    const done = await act('trial', 'canary', { action: 'finish', reason: 'good enough' });
    assert.deepEqual([done.release, done.canary], [next.release, null]);
    assert.deepEqual(published('trial'), [next.release, null, null, 0]);
    assert.equal(node.health.watched.has('trial/production'), false);
    assert.equal((await act('trial', 'rollback', {})).release, old.release);
  });

  it('takes its plan from the release, and is aborted by hand or by a rollback', async () => {
    const old = await release('planned', 'old');
    const request = deployOf('planned', { a: 'next' });
    const manifest = { ...request.manifest, canary: plan };
    const next = await deploy(node.url, { ...request, manifest, activate: 'canary' });
    assert.equal(next.state, 'canary');
    assert.equal((await act('planned', 'canary', { action: 'abort' })).canary, null);
    assert.deepEqual(published('planned'), [old.release, null, null, 0]);
    await act('planned', 'promote', { release: next.release, canary: 'plan' });
    assert.deepEqual(published('planned'), [old.release, next.release, 1_000, 0]);
    assert.equal((await act('planned', 'rollback', {})).release, old.release);
    assert.deepEqual(published('planned'), [old.release, null, null, 0]);
  });

  it('gets new values of variables together with the stable release', async () => {
    await release('values', 'old');
    await release('values', 'next', { activate: 'canary', canary: plan });
    const before = node.publisher.environments.get('values/production')!;
    const body = { set: [{ name: 'COLOUR', value: 'red', secret: false }] };
    await callJson(node.url, 'PUT', pathOf('values', 'production', 'variables'), { body });
    const { stable, canary } = node.publisher.environments.get('values/production')!;
    for (const snapshot of [stable, canary?.snapshot]) {
      assert.deepEqual(snapshot?.functions.get('a')?.env, { COLOUR: 'red' });
    }
    assert.equal(canary?.id, before.canary?.id);
    assert.equal(canary?.snapshot.pin, before.canary?.snapshot.pin);
  });

  it('of an environment that serves nothing yet is activated at once', async () => {
    const first = await release('fresh', 'first', { activate: 'canary', canary: plan });
    assert.equal(first.state, 'live');
    assert.deepEqual(published('fresh'), [first.release, null, null, 0]);
  });
});

describe('what is refused leaves everything as it was', () => {
  it('with a code of its own for each mistake', async () => {
    const one = await release('strict', 'one');
    await release('strict', 'next', { environment: 'other' });
    const [before, strict] = [await stateOf('strict'), '/v1/apps/strict/releases'];
    const deployCode = async (code: string, extra: object): Promise<string> => {
      const { codes: _codes, ...body } = deployOf('strict', { a: code }, extra);
      return (await problemOf(node.url, 'POST', strict, { body })).code;
    };
    assert.equal(await deployCode('one', {}), 'ALREADY_LIVE');
    assert.equal(await deployCode('next', { activate: 'canary' }), 'VALIDATION_FAILED', 'no plan');
    const falling = canaryPlanOf([
      { weight: 5_000, holdMs: 1 },
      { weight: 2_500, holdMs: null },
    ]);
    const extra = { activate: 'canary' as const };
    assert.equal(await deployCode('next', { ...extra, canary: falling }), 'VALIDATION_FAILED');
    const over = { ...plan, steps: [{ weight: 10_001, holdMs: null }] };
    assert.equal(await deployCode('next', { ...extra, canary: over }), 'VALIDATION_FAILED');
    assert.equal(await deployCode('next', { kind: 'preview' }), 'VALIDATION_FAILED', 'production');
    for (const environment of ['Not A Host', '-a', 'a--b', 'x'.repeat(60), 'pr_1']) {
      assert.equal(
        await deployCode('next', { environment, kind: 'preview' }),
        'VALIDATION_FAILED',
        environment,
      );
    }
    const refusals: readonly (readonly [string, object, string, string?])[] = [
      ['promote', { release: one.release }, 'ALREADY_LIVE'],
      ['promote', { release: 'r-000000000000' }, 'RELEASE_NOT_FOUND'],
      ['promote', { from: 'nowhere' }, 'NOT_FOUND'],
      ['promote', {}, 'VALIDATION_FAILED'],
      ['promote', { release: one.release, from: 'other' }, 'VALIDATION_FAILED'],
      ['promote', { from: 'other', canary: 'plan' }, 'VALIDATION_FAILED'],
      ['promote', { from: 'other', canary: falling }, 'VALIDATION_FAILED'],
      ['promote', { release: one.release }, 'VALIDATION_FAILED', 'a--b'],
      ['rollback', {}, 'NO_EARLIER_RELEASE'],
      ['rollback', { release: 'r-000000000000' }, 'RELEASE_NOT_FOUND'],
      ['rollback', {}, 'NOT_FOUND', 'nowhere'],
      ['canary', { action: 'set', weight: 1 }, 'NO_CANARY'],
      ['canary', { action: 'set' }, 'VALIDATION_FAILED'],
      ['canary', { action: 'pause', weight: 1 }, 'VALIDATION_FAILED'],
      ['canary', { action: 'finish' }, 'NO_CANARY'],
      ['canary', { action: 'abort' }, 'NO_CANARY'],
      ['clone', { to: 'other' }, 'CONFLICT'],
      ['clone', { to: 'a--b' }, 'VALIDATION_FAILED'],
      ['clone', { to: 'No Host' }, 'VALIDATION_FAILED'],
      ['clone', { to: 'x' }, 'NOT_FOUND', 'nowhere'],
    ];
    for (const [action, body, code, environment] of refusals) {
      assert.equal(
        await refused('strict', action, body, environment),
        code,
        `${action} ${JSON.stringify(body)}`,
      );
    }
    assert.deepEqual(await stateOf('strict'), before);
  });

  it('while a canary is on trial', async () => {
    await release('busy', 'old');
    const next = await release('busy', 'next', { activate: 'canary', canary: plan });
    const third = await release('busy', 'third', { activate: 'no' });
    const before = await stateOf('busy');
    const { codes: _codes, ...body } = deployOf('busy', { a: 'third' });
    for (const extra of [{}, { activate: 'canary', canary: plan }]) {
      const problem = await problemOf(node.url, 'POST', '/v1/apps/busy/releases', {
        body: { ...body, ...extra },
      });
      assert.equal(problem.code, 'CANARY_ACTIVE');
    }
    assert.equal(await refused('busy', 'promote', { release: third.release }), 'CANARY_ACTIVE');
    assert.equal(await refused('busy', 'promote', { release: next.release, canary: plan }), 'CANARY_ACTIVE');
    assert.equal(await refused('busy', 'canary', { action: 'set', weight: 10_001 }), 'VALIDATION_FAILED');
    assert.equal(await refused('busy', 'canary', { action: 'resume' }), 'CONFLICT');
    assert.deepEqual(await stateOf('busy'), before);
  });

  it('what takes away a declared resource, unless that is asked for', async () => {
    const resources = [{ kind: 'queue', name: 'orders', config: {} }];
    const having = deployOf('stateful', { a: 'one' });
    await deploy(node.url, { ...having, manifest: { ...having.manifest, resources } });
    const without = deployOf('stateful', { a: 'two' });
    const before = await stateOf('stateful');
    const { codes: _codes, ...body } = without;
    const problem = await problemOf(node.url, 'POST', '/v1/apps/stateful/releases', { body });
    assert.deepEqual([problem.code, problem.details?.lost], ['RESOURCES_LOST', ['queue orders']]);
    assert.deepEqual(await stateOf('stateful'), before);
    const kept = await deploy(node.url, { ...without, activate: 'no', allowDestroy: true });
    assert.equal(await refused('stateful', 'promote', { release: kept.release }), 'RESOURCES_LOST');
    const promoted = await act('stateful', 'promote', { release: kept.release, allowDestroy: true });
    assert.equal(promoted.release, kept.release);
  });

  it('to whom it is not allowed: looking needs to read, changing needs to deploy', async () => {
    await release('guarded', 'one');
    const { token } = await callJson<{ token: string }>(node.url, 'POST', '/v1/tokens', {
      body: { name: 'reader', role: 'read' },
    });
    for (const path of ['/v1/apps/guarded/environments', pathOf('guarded')]) {
      assert.equal((await call(node.url, 'GET', path, { token })).status, 200);
    }
    for (const [method, path] of [
      ['POST', pathOf('guarded', 'production', 'promote')],
      ['POST', pathOf('guarded', 'production', 'rollback')],
      ['POST', pathOf('guarded', 'production', 'canary')],
      ['POST', pathOf('guarded', 'production', 'clone')],
      ['DELETE', pathOf('guarded', 'preview')],
    ] as const) {
      const sent = method === 'POST' ? { token, body: {} } : { token };
      assert.equal((await problemOf(node.url, method, path, sent)).code, 'FORBIDDEN', path);
    }
  });
});
