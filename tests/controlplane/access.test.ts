import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Role, Token } from '../../src/contract/control-api.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { deployOf, sha256Of } from './control-fixtures.ts';
import { type ControlNode, OPERATOR, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode();
  await deploy(node.url, deployOf('shop', { a: 'x' }));
  await deploy(node.url, deployOf('blog', { a: 'x' }));
});
after(() => node.close());

const newToken = async (role: Role, extra: object = {}): Promise<{ id: string; token: string }> =>
  await callJson(node.url, 'POST', '/v1/tokens', { body: { name: `test ${role}`, role, ...extra } });

const INVOKE = '/v1/apps/shop/environments/production/functions/a/invocations';
const VARIABLES = '/v1/apps/shop/environments/production/variables';
const SHA = sha256Of('x');

/** Every route that needs a token: method, path, body, the least role that may use it. */
const ROUTES: readonly (readonly [string, string, object | string | undefined, Role])[] = [
  ['GET', '/v1/status', undefined, 'read'],
  ['GET', '/v1/apps', undefined, 'read'],
  ['GET', '/v1/apps/shop', undefined, 'read'],
  ['GET', '/v1/apps/shop/releases', undefined, 'read'],
  ['GET', '/v1/logs', undefined, 'read'],
  ['GET', '/v1/apps/shop/environments/production/dead-invocations', undefined, 'read'],
  ['POST', '/v1/usage/report', { by: 'app' }, 'read'],
  ['POST', INVOKE, 'x', 'invoke'],
  ['POST', '/v1/blobs/missing', { sha256: [] }, 'deploy'],
  ['PUT', `/v1/blobs/${SHA}`, 'x', 'deploy'],
  ['POST', '/v1/apps/none/releases', {}, 'deploy'],
  ['GET', VARIABLES, undefined, 'deploy'],
  ['PUT', VARIABLES, {}, 'deploy'],
  ['DELETE', '/v1/apps/none', undefined, 'deploy'],
  ['GET', '/v1/tokens', undefined, 'admin'],
  ['POST', '/v1/tokens', {}, 'admin'],
  ['DELETE', '/v1/tokens/none', undefined, 'admin'],
];
const ROLES: readonly Role[] = ['read', 'invoke', 'deploy', 'admin'];
const sending = (body: object | string | undefined, token: string | null) =>
  body === undefined ? { token } : { token, body };

describe('a request', () => {
  it('without a token, or with one that is not valid, gets 401 and a challenge', async () => {
    for (const [method, path, body] of [...ROUTES, ['GET', '/v1/nothing', undefined] as const]) {
      const missing = await call(node.url, method, path, sending(body, null));
      assert.equal(missing.status, 401, `${method} ${path}`);
      assert.equal(missing.headers['www-authenticate'], 'Bearer realm="mayfly"');
      assert.match(missing.text, /"code":"TOKEN_MISSING"/);
      const wrong = await call(node.url, method, path, sending(body, `${OPERATOR}x`));
      assert.equal(wrong.status, 401);
      assert.match(wrong.headers['www-authenticate'] ?? '', /error="invalid_token"/);
    }
    for (const authorization of [
      'Basic b3A6b3A=',
      'Bearer',
      'Bearer ',
      `Token ${OPERATOR}`,
      `Bearer a ${OPERATOR}`,
    ]) {
      const problem = await problemOf(node.url, 'GET', '/v1/apps', {
        token: null,
        headers: { authorization },
      });
      assert.equal(problem.code, 'TOKEN_INVALID', authorization);
    }
    assert.equal(
      (
        await call(node.url, 'GET', '/v1/apps', {
          token: null,
          headers: { authorization: `bearer ${OPERATOR}` },
        })
      ).status,
      200,
    );
  });

  it('does what its role allows and nothing above', async () => {
    for (const role of ROLES) {
      const { token } = await newToken(role);
      for (const [method, path, body, needed] of ROUTES) {
        const answer = await call(node.url, method, path, sending(body, token));
        const allowed = ROLES.indexOf(role) >= ROLES.indexOf(needed);
        assert.equal(
          answer.status === 403,
          !allowed,
          `${role} ${method} ${path}: ${answer.status} ${answer.text}`,
        );
        assert.notEqual(answer.status, 401);
      }
    }
  });

  it('sees and changes only the apps that its token is good for', async () => {
    const { token } = await newToken('deploy', { apps: ['shop'] });
    const { apps } = await callJson<{ apps: { app: string }[] }>(node.url, 'GET', '/v1/apps', { token });
    assert.deepEqual(
      apps.map(({ app }) => app),
      ['shop'],
    );
    await deploy(node.url, deployOf('shop', { a: 'y' }), token);
    const refused: readonly (readonly [string, string, object?])[] = [
      ['GET', '/v1/apps/blog'],
      ['DELETE', '/v1/apps/blog'],
      ['GET', '/v1/apps/blog/releases'],
      ['POST', '/v1/apps/blog/releases', {}],
      ['GET', '/v1/apps/blog/environments/production/variables'],
      ['POST', '/v1/apps/blog/environments/production/functions/a/invocations'],
      ['GET', '/v1/logs?app=blog'],
      ['POST', '/v1/usage/report', { by: 'app', app: 'blog' }],
      ['GET', '/v1/apps/unknown'],
    ];
    for (const [method, path, body] of refused) {
      const problem = await problemOf(node.url, method, path, sending(body, token));
      assert.equal(problem.code, 'FORBIDDEN', `${method} ${path}`);
    }
    await call(node.url, 'GET', '/v1/logs', { token });
    assert.deepEqual(node.logQueries.at(-1)?.scope.apps, ['shop']);
    await call(node.url, 'POST', '/v1/usage/report', { token, body: { by: 'app' } });
    assert.deepEqual(node.usageQueries.at(-1)?.apps, ['shop']);
  });

  it('of a restricted admin makes no token', async () => {
    const { token } = await newToken('admin', { apps: ['shop'] });
    for (const [method, path, body] of ROUTES.filter(([, path]) => path.startsWith('/v1/tokens'))) {
      const full = method === 'POST' ? { name: 'x', role: 'admin' } : body;
      assert.equal((await problemOf(node.url, method, path, sending(full, token))).code, 'FORBIDDEN');
    }
  });
});

describe('tokens', () => {
  it('are listed without their text, and stop working when revoked or expired', async () => {
    const { id, token } = await newToken('read', { apps: ['shop'], expiresInMs: 60_000 });
    const { tokens } = await callJson<{ tokens: Token[] }>(node.url, 'GET', '/v1/tokens');
    const listed = tokens.find((candidate) => candidate.id === id);
    assert.deepEqual(listed, {
      id,
      name: 'test read',
      role: 'read',
      apps: ['shop'],
      createdAt: node.time.wall,
      expiresAt: node.time.wall + 60_000,
    });
    assert.equal((await call(node.url, 'GET', '/v1/apps', { token })).status, 200);
    node.time.wall += 59_999;
    assert.equal((await call(node.url, 'GET', '/v1/apps', { token })).status, 200);
    node.time.wall += 1;
    assert.equal((await call(node.url, 'GET', '/v1/apps', { token })).status, 401);
    const lasting = await newToken('read');
    assert.equal((await call(node.url, 'DELETE', `/v1/tokens/${lasting.id}`)).status, 204);
    assert.equal((await call(node.url, 'GET', '/v1/apps', { token: lasting.token })).status, 401);
    assert.equal((await problemOf(node.url, 'DELETE', `/v1/tokens/${lasting.id}`)).code, 'NOT_FOUND');
  });

  it('are in the store as hashes only', async () => {
    const { token } = await newToken('read');
    assert.equal(JSON.stringify(await node.store.listTokens()).includes(token), false);
    assert.notEqual(await node.store.findTokenByHash(sha256Of(token)), null);
  });
});

describe('the listener', () => {
  it('answers no foreign host, not even what is public', async () => {
    for (const host of ['evil.example', 'evil.example:80', '10.1.2.3', 'localhost.evil.example']) {
      for (const path of ['/v1/apps', '/openapi.json', '/docs', '/healthz', '/nothing']) {
        const problem = await problemOf(node.url, 'GET', path, { headers: { host } });
        assert.equal(problem.code, 'HOST_REFUSED', `${host} ${path}`);
        assert.equal(problem.status, 421);
      }
    }
    for (const host of ['localhost', 'localhost:1234', '127.0.0.1', '[::1]:8090', 'shop.localhost']) {
      assert.equal((await call(node.url, 'GET', '/v1/apps', { headers: { host } })).status, 200, host);
    }
  });

  it('answers no page of another origin, and gives no CORS permission', async () => {
    const { host } = new URL(node.url);
    for (const origin of ['http://evil.example', 'null', 'http://localhost:8080']) {
      const problem = await problemOf(node.url, 'POST', '/v1/usage/report', {
        headers: { origin },
        body: { by: 'app' },
      });
      assert.equal(problem.code, 'ORIGIN_REFUSED');
      const preflight = { origin, 'access-control-request-method': 'POST' };
      const answer = await call(node.url, 'OPTIONS', '/v1/apps', { token: null, headers: preflight });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    assert.equal(
      (await call(node.url, 'GET', '/v1/apps', { headers: { origin: `http://${host}` } })).status,
      200,
    );
  });

  it('says which methods a path has, and what it does not know', async () => {
    const answer = await call(node.url, 'PATCH', '/v1/apps/shop?x=1');
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'DELETE, GET');
    assert.equal((await problemOf(node.url, 'GET', '/v2/apps')).code, 'NOT_FOUND');
    assert.equal((await problemOf(node.url, 'GET', '/v1/apps/%E0%A4%A')).status, 400);
    assert.equal((await call(node.url, 'HEAD', '/healthz', { token: null })).status, 200);
  });
});
