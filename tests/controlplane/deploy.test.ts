import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AppDescription, AppSummary } from '../../src/contract/control-api.ts';
import type { DeployAnswer, ReleaseList } from '../../src/contract/release-api.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { codeOf, deployOf, functionOf, sha256Of } from './control-fixtures.ts';
import { type ControlNode, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode();
});
after(() => node.close());

describe('a deploy', () => {
  it('uploads what is missing, becomes live, and answers names, versions and URLs', async () => {
    const request = deployOf('first', { index: 'code 1', list: 'code 2' }, { message: 'hello' });
    const digests = request.codes.map(sha256Of);
    const missing = await callJson(node.url, 'POST', '/v1/blobs/missing', { body: { sha256: digests } });
    assert.deepEqual(missing, { missing: digests });
    const answer = await deploy(node.url, request);
    assert.deepEqual(await callJson(node.url, 'POST', '/v1/blobs/missing', { body: { sha256: digests } }), {
      missing: [],
    });
    assert.equal(answer.app, 'first');
    assert.equal(answer.environment, 'production');
    assert.match(answer.release, /^r-[0-9a-f]{12}$/);
    assert.deepEqual(
      answer.functions.map(({ name, runtime, dialect, urls }) => ({ name, runtime, dialect, urls })),
      [
        { name: 'index', runtime: 'nodejs24', dialect: 'fetch', urls: ['http://first.localhost:8080/index'] },
        { name: 'list', runtime: 'nodejs24', dialect: 'fetch', urls: ['http://first.localhost:8080/list'] },
      ],
    );
    const serving = node.publisher.serving.get('first/production');
    assert.equal(serving?.release, answer.release);
    const list = serving?.functions.get('list');
    assert.equal(list?.key, `first/production/list@${answer.functions[1]?.version}`);
    assert.match(list?.version ?? '', /^[0-9a-f]{16}$/);
    assert.deepEqual(serving?.routes[1], { method: '*', pattern: '/list', function: 'list', cors: null });
  });

  it('keeps the version of a function that did not change', async () => {
    const one = await deploy(node.url, deployOf('steady', { a: 'same', b: 'old' }));
    const two = await deploy(node.url, deployOf('steady', { a: 'same', b: 'new' }));
    assert.notEqual(two.release, one.release);
    assert.equal(two.functions[0]?.version, one.functions[0]?.version);
    assert.notEqual(two.functions[1]?.version, one.functions[1]?.version);
    const three = await deploy(
      node.url,
      deployOf('steady', { a: { code: 'same', extra: { env: { X: '1' } } }, b: 'new' }),
    );
    assert.notEqual(three.functions[0]?.version, two.functions[0]?.version);
    const { limits } = functionOf('b', 'new');
    const slower = { code: 'new', extra: { limits: { ...limits, timeoutMs: 1 } } };
    const four = await deploy(node.url, deployOf('steady', { a: 'same', b: slower }));
    assert.notEqual(four.functions[1]?.version, three.functions[1]?.version);
    const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/steady/releases');
    assert.deepEqual(
      releases.map(({ release, activeIn, functions }) => [release, activeIn, functions]),
      [
        [four.release, ['production'], 2],
        [three.release, [], 2],
        [two.release, [], 2],
        [one.release, [], 2],
      ],
    );
    assert.equal(releases[0]?.createdBy, 'operator');
  });

  it('serves environments side by side, each at its own address', async () => {
    await deploy(node.url, deployOf('sides', { a: 'one' }));
    const preview = await deploy(node.url, deployOf('sides', { a: 'two' }, { environment: 'preview-7' }));
    assert.deepEqual(preview.functions[0]?.urls, ['http://sides--preview-7.localhost:8080/a']);
    const description = await callJson<AppDescription>(node.url, 'GET', '/v1/apps/sides');
    assert.deepEqual(
      description.environments.map(({ environment, url }) => [environment, url]),
      [
        ['preview-7', 'http://sides--preview-7.localhost:8080/'],
        ['production', 'http://sides.localhost:8080/'],
      ],
    );
    const fn = description.environments[0]?.functions[0];
    assert.equal(fn?.handler, 'index.mjs#default');
    assert.equal(fn?.artifact, codeOf('two').artifact);
    assert.equal(fn?.limits.memoryMb, 128);
    assert.deepEqual(fn?.routes, [{ method: '*', pattern: '/a' }]);
    const { apps } = await callJson<{ apps: AppSummary[] }>(node.url, 'GET', '/v1/apps');
    assert.deepEqual(
      apps.filter(({ app }) => app === 'sides').map(({ environment, functions }) => [environment, functions]),
      [
        ['preview-7', ['a']],
        ['production', ['a']],
      ],
    );
  });

  it('removes an app with everything of it', async () => {
    await deploy(node.url, deployOf('gone', { a: 'x' }));
    await deploy(node.url, deployOf('gone', { a: 'x' }, { environment: 'preview' }));
    assert.equal((await call(node.url, 'DELETE', '/v1/apps/gone')).status, 204);
    assert.equal(node.publisher.serving.has('gone/production'), false);
    assert.equal(node.publisher.serving.has('gone/preview'), false);
    for (const [method, path] of [
      ['GET', '/v1/apps/gone'],
      ['GET', '/v1/apps/gone/releases'],
      ['DELETE', '/v1/apps/gone'],
    ] as const) {
      assert.equal((await problemOf(node.url, method, path)).code, 'APP_NOT_FOUND');
    }
  });

  it('one after another when they come at once: one order, all recorded, the last one live', async () => {
    await deploy(node.url, deployOf('crowd', { a: 'start' }));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => deploy(node.url, deployOf('crowd', { a: `code ${i}` }))),
    );
    const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/crowd/releases');
    assert.equal(releases.length, 13);
    assert.deepEqual(
      new Set(releases.slice(0, 12).map((r) => r.release)),
      new Set(answers.map((a) => a.release)),
    );
    const published = node.publisher.events.filter((event) => event.startsWith('publish crowd/'));
    assert.deepEqual(
      published.map((event) => event.split(' ')[2]),
      releases.map(({ release }) => release).reverse(),
    );
    assert.deepEqual(releases[0]?.activeIn, ['production']);
  });
});

describe('a deploy that is wrong', () => {
  const wrong = async (request: object, app = 'bad'): Promise<string> => {
    const problem = await problemOf(node.url, 'POST', `/v1/apps/${app}/releases`, { body: request });
    assert.equal(problem.code, 'VALIDATION_FAILED');
    return problem.detail;
  };
  const bad = (extra: object, code = 'bad code') => {
    const { codes: _codes, ...request } = deployOf('bad', { a: { code, extra } });
    return request;
  };

  it('leaves what runs and records nothing', async () => {
    const good = await deploy(node.url, deployOf('kept', { a: 'good' }));
    const { codes: _codes, ...request } = deployOf('kept', { a: 'never uploaded' });
    assert.match(await wrong(request, 'kept'), /missing/);
    assert.equal(node.publisher.serving.get('kept/production')?.release, good.release);
    const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/kept/releases');
    assert.equal(releases.length, 1);
  });

  it('is told which field the schema refuses', async () => {
    const { codes: _codes, ...request } = deployOf('bad', { a: 'x' });
    assert.match(await wrong({ ...request, environment: 'Not A Name' }), /body\/environment must match/);
    assert.match(await wrong({ ...request, zap: 1 }), /body\/zap is unknown/);
    assert.match(
      await wrong({ environment: 'production' }),
      /body\/manifest is missing; body\/artifacts is missing/,
    );
    for (const env of [{ 'A B': 'x' }, { A: 5 }, { '1': 'x' }]) {
      assert.match(
        await wrong(bad({ env })),
        /body\/manifest\/functions\/0\/env\/(A B|A|1) (is unknown|must be string)/,
      );
    }
    const { limits, ...rest } = functionOf('a', 'x');
    const manifest = { app: 'bad', functions: [{ ...rest, limits: { ...limits, memoryMb: 1 } }] };
    assert.match(
      await wrong({ ...request, manifest }),
      /body\/manifest\/functions\/0\/limits\/memoryMb must be >= 64/,
    );
  });

  it('is told what the schema cannot say', async () => {
    const cases: readonly [object, RegExp, string?][] = [
      [bad({ runtime: 'cobol' }), /functions\/0\/runtime "cobol" is unknown here; known: nodejs22, nodejs24/],
      [bad({ dialect: 'latin' }), /functions\/0\/dialect "latin" is unknown/],
      [
        bad({ artifact: 'a'.repeat(64) }),
        /functions\/0\/artifact names no artifact.*no function uses the artifact/,
      ],
      [
        bad({ handler: { file: 'other.mjs', export: 'default' } }),
        /handler\/file "other.mjs" is not in the artifact/,
      ],
      [bad({ routes: [{ method: 'GET', pattern: '/a/*/b', cors: null }] }), /"\*" before its end/],
      [bad({ routes: [{ method: 'GET', pattern: '/a(.*)', cors: null }] }), /routes\/0\/pattern/],
      [bad({ routes: [{ method: 'BREW', pattern: '/a', cors: null }] }), /"BREW" is no method/],
      [bad({ limits: { ...functionOf('a', 'x').limits, provisioned: 101 } }), /provisioned is more than/],
      [bad({}), /manifest\/app is "bad", but the address says "other"/, 'other'],
      [{ ...bad({}), environment: `e${'x'.repeat(60)}` }, /longer than 63/],
      [{ ...bad({}), environment: 'a--b' }, /has "--"/],
    ];
    for (const [request, message, app] of cases) assert.match(await wrong(request, app), message);
  });

  it('may not have two functions of one name, or two routes of one shape', async () => {
    const request = bad({});
    const [fn] = request.manifest.functions;
    const twice = { ...request, manifest: { app: 'bad', functions: [fn, fn] } };
    const detail = await wrong(twice);
    assert.match(detail, /functions\/1\/name is there twice: "a"/);
    assert.match(detail, /functions\/1\/routes\/0 \* \/a collides with a route of "a"/);
    const other = { ...fn, name: 'b', routes: [{ method: 'GET', pattern: '/x/:id', cors: null }] };
    const third = { ...fn, name: 'c', routes: [{ method: 'GET', pattern: '/x/:name', cors: null }] };
    const shapes = { ...request, manifest: { app: 'bad', functions: [other, third] } };
    assert.match(await wrong(shapes), /GET \/x\/:name collides with a route of "b"/);
  });

  it('may only declare resources of kinds that the node has, each once', async () => {
    const request = bad({});
    const one = { kind: 'queue', name: 'orders', config: {} };
    const resources = [one, one, { ...one, kind: 'blackboard' }];
    const detail = await wrong({ ...request, manifest: { ...request.manifest, resources } });
    assert.match(detail, /resources\/1 is there twice: queue "orders"/);
    assert.match(detail, /resources\/2\/kind "blackboard" is unknown here; known: queue/);
  });

  it('may not hold files that leave the artifact', async () => {
    const request = bad({});
    for (const path of ['../up', '/etc/passwd', 'a/../../b', 'a//b', './a', 'a\\b', 'a/']) {
      const [file] = request.artifacts[0]!;
      assert.match(
        await wrong({ ...request, artifacts: [[{ ...file!, path }]] }),
        /leaves the artifact/,
        path,
      );
    }
  });

  it('may not carry keys that would change objects it does not own', async () => {
    for (const key of ['__proto__', 'constructor']) {
      const text = `{"environment":"production","${key}":{"prototype":{"admin":true}}}`;
      const sent = { body: text, headers: { 'content-type': 'application/json' } };
      const problem = await problemOf(node.url, 'POST', '/v1/apps/bad/releases', sent);
      assert.equal(problem.status, 400);
    }
    assert.equal('admin' in {}, false);
  });
});

describe('a node that starts again', () => {
  it('serves what it served, with the same versions', async () => {
    const first = await startControlNode();
    try {
      const answer: DeployAnswer = await deploy(first.url, deployOf('again', { a: 'x', b: 'y' }));
      const body = { set: [{ name: 'S', value: 'hunter2', secret: true }] };
      await callJson(first.url, 'PUT', '/v1/apps/again/environments/production/variables', { body });
      const before = first.publisher.serving.get('again/production');
      const second = await startControlNode({ folder: first.folder, masterKey: first.masterKey });
      try {
        assert.deepEqual(second.publisher.serving.get('again/production'), before);
        assert.equal(before?.release, answer.release);
        assert.equal(before?.functions.get('a')?.env.S, 'hunter2');
      } finally {
        await second.close();
      }
    } finally {
      await first.close();
    }
  });
});
