import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import * as contract from '../../src/contract/control-api.ts';
import * as releases from '../../src/contract/release-api.ts';
import { call, deploy } from './control-client.ts';
import { canaryPlanOf, deployOf } from './control-fixtures.ts';
import { type ControlNode, startControlNode } from './control-node.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { $ref?: string } }>>;
  };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { schema: { $ref?: string } }>>;
      }
    >
  >;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: object;
  };
  readonly security: readonly object[];
}

let node: ControlNode;
let text: string;
let document: Document;
before(async () => {
  node = await startControlNode();
  text = (await call(node.url, 'GET', '/openapi.json', { token: null })).text;
  document = JSON.parse(text) as Document;
});
after(() => node.close());

const operations = (): [string, string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      method,
      path,
      operation,
    ]),
  );

describe('/openapi.json', () => {
  it('is OpenAPI 3.1 with every route of the contract', () => {
    assert.match(document.openapi, /^3\.1\.\d+$/);
    assert.ok(document.info.title.length > 0 && document.info.version.length > 0);
    assert.deepEqual(
      operations()
        .map(([method, path]) => `${method.toUpperCase()} ${path}`)
        .sort(),
      [
        'DELETE /v1/apps/{app}',
        'DELETE /v1/apps/{app}/environments/{environment}',
        'DELETE /v1/apps/{app}/hooks/{id}',
        'DELETE /v1/apps/{app}/notifications/{id}',
        'DELETE /v1/apps/{app}/repository',
        'DELETE /v1/runtimes/{runtime}',
        'DELETE /v1/tokens/{id}',
        'GET /docs',
        'GET /healthz',
        'GET /openapi.json',
        'GET /v1/apps',
        'GET /v1/apps/{app}',
        'GET /v1/apps/{app}/environments',
        'GET /v1/apps/{app}/environments/{environment}',
        'GET /v1/apps/{app}/environments/{environment}/dead-invocations',
        'GET /v1/apps/{app}/environments/{environment}/variables',
        'GET /v1/apps/{app}/git/info/refs',
        'GET /v1/apps/{app}/hooks',
        'GET /v1/apps/{app}/notifications',
        'GET /v1/apps/{app}/releases',
        'GET /v1/apps/{app}/releases/{release}',
        'GET /v1/apps/{app}/releases/{release}/diff',
        'GET /v1/apps/{app}/repository',
        'GET /v1/credentials',
        'GET /v1/logs',
        'GET /v1/runtimes',
        'GET /v1/status',
        'GET /v1/tokens',
        'POST /v1/apps/{app}/environments/{environment}/canary',
        'POST /v1/apps/{app}/environments/{environment}/clone',
        'POST /v1/apps/{app}/environments/{environment}/functions/{function}/invocations',
        'POST /v1/apps/{app}/environments/{environment}/promote',
        'POST /v1/apps/{app}/environments/{environment}/rollback',
        'POST /v1/apps/{app}/git/git-receive-pack',
        'POST /v1/apps/{app}/git/git-upload-pack',
        'POST /v1/apps/{app}/hooks',
        'POST /v1/apps/{app}/notifications',
        'POST /v1/apps/{app}/releases',
        'POST /v1/blobs/missing',
        'POST /v1/hooks/{app}/{id}',
        'POST /v1/runtimes/{runtime}',
        'POST /v1/tokens',
        'POST /v1/usage/report',
        'PUT /v1/apps/{app}/environments/{environment}/variables',
        'PUT /v1/apps/{app}/repository',
        'PUT /v1/blobs/{sha256}',
        'PUT /v1/runtimes/{runtime}/package',
      ],
    );
  });

  it('says of each operation what it is, what it takes and what it answers', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [method, path, operation] of operations()) {
      const at = `${method} ${path}`;
      assert.ok(operation.summary.length > 0 && operation.tags.length === 1, at);
      const declared = (operation.parameters ?? []).filter((p) => p.in === 'path').map(({ name }) => name);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      assert.deepEqual(declared.sort(), inPath.sort(), at);
      assert.ok(operation.parameters?.every((p) => p.in !== 'path' || p.required === true) ?? true, at);
      const problem = operation.responses.default?.content?.['application/problem+json']?.schema.$ref;
      assert.equal(problem, '#/components/schemas/Problem', at);
      const success = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      assert.equal(success.length, operation.operationId === 'invokeFunction' ? 2 : 1, at);
      assert.ok(
        Object.values(operation.responses).every(({ description }) => description.length > 0),
        at,
      );
    }
    const deployment = document.paths['/v1/apps/{app}/releases']?.post;
    const body = deployment?.requestBody?.content['application/json']?.schema.$ref;
    assert.equal(body, '#/components/schemas/DeployRequest');
    const answer = deployment?.responses['200']?.content ?? {};
    assert.deepEqual(
      Object.entries(answer).map(([type, { schema }]) => [type, schema.$ref]),
      [
        ['application/json', '#/components/schemas/DeployAnswer'],
        ['application/x-ndjson', '#/components/schemas/DeployEvent'],
      ],
    );
    const open = operations().filter(([, , { security }]) => security?.length === 0);
    assert.deepEqual(open.map(([, path]) => path).sort(), [
      '/docs',
      '/healthz',
      '/openapi.json',
      '/v1/hooks/{app}/{id}',
    ]);
    assert.deepEqual(document.security, [{ bearer: [] }]);
  });

  it('refers to nothing that is not there, and every schema in it is JSON Schema 2020-12', () => {
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    );
    assert.equal([...text.matchAll(/"\$ref"/g)].length, references.length);
    assert.ok(references.length > 20);
    for (const name of references) assert.ok(name in document.components.schemas, name);
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    ajv.addVocabulary(['components']);
    ajv.addSchema({ $id: 'document:', components: document.components });
    for (const name of Object.keys(document.components.schemas)) {
      assert.equal(typeof ajv.compile({ $ref: `document:#/components/schemas/${name}` }), 'function', name);
    }
  });
});

const INVOKE = '/v1/apps/shop/environments/production/functions/a/invocations';

it('every JSON answer is what its schema says', async () => {
  const { release: first } = await deploy(node.url, deployOf('shop', { a: 'x' }));
  const { release } = await deploy(node.url, deployOf('shop', { a: 'y' }));
  const plan = canaryPlanOf([{ weight: 500, holdMs: 60_000 }]);
  const [app, environments] = ['/v1/apps/shop', '/v1/apps/shop/environments'];
  const set = [{ name: 'A', value: '1', secret: true }];
  const variables = '/v1/apps/shop/environments/production/variables';
  const cases: readonly (readonly [string, string, TSchema, object?])[] = [
    ['GET', '/v1/status', contract.StatusSchema],
    ['GET', '/v1/apps', contract.AppListSchema],
    ['GET', '/v1/apps/shop', contract.AppDescriptionSchema],
    ['GET', `${app}/releases`, releases.ReleaseListSchema],
    ['GET', `${app}/releases/${release}`, releases.ReleaseDescriptionSchema],
    ['GET', `${app}/releases/${release}/diff?against=${first}`, releases.ReleaseDiffSchema],
    ['POST', `${environments}/production/rollback`, releases.TrafficAnswerSchema, {}],
    ['POST', `${environments}/production/promote`, releases.TrafficAnswerSchema, { release, canary: plan }],
    ['GET', environments, releases.EnvironmentListSchema],
    ['GET', `${environments}/production`, releases.EnvironmentDescriptionSchema],
    ['POST', `${environments}/production/canary`, releases.TrafficAnswerSchema, { action: 'pause' }],
    ['GET', app, contract.AppDescriptionSchema],
    ['POST', `${environments}/production/clone`, releases.EnvironmentDescriptionSchema, { to: 'twin' }],
    ['PUT', variables, contract.VariableChangeAnswerSchema, { set }],
    ['GET', variables, contract.VariableListSchema],
    ['POST', '/v1/tokens', contract.TokenAnswerSchema, { name: 'n', role: 'read' }],
    ['GET', '/v1/tokens', contract.TokenListSchema],
    ['POST', '/v1/usage/report', contract.UsageReportSchema, { by: 'day' }],
    ['POST', '/v1/blobs/missing', contract.MissingAnswerSchema, { sha256: ['a'.repeat(64)] }],
    ['GET', '/v1/apps/shop/environments/production/dead-invocations', contract.DeadInvocationListSchema],
    ['POST', `${INVOKE}?async=true`, contract.AsyncAnswerSchema],
    ['GET', '/v1/nothing', contract.ProblemSchema],
  ];
  for (const [method, path, schema, body] of cases) {
    const answer = await call(node.url, method, path, body === undefined ? {} : { body });
    const value: unknown = JSON.parse(answer.text);
    assert.ok(Check(schema, value), `${method} ${path}: ${JSON.stringify(Errors(schema, value))}`);
  }
});

it('/docs shows every operation and asks nobody for anything', async () => {
  const answer = await call(node.url, 'GET', '/docs', { token: null });
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
  for (const [method, path, { summary }] of operations()) {
    assert.ok(
      answer.text.includes(`<b class="${method}">${method.toUpperCase()}</b> <code>${path}</code>`),
      path,
    );
    assert.ok(answer.text.includes(summary), summary);
  }
  assert.equal(/<script|<img|<link|https?:|@import|url\(/.test(answer.text), false);
  for (const [, target] of answer.text.matchAll(/href="#([^"]+)"/g)) {
    assert.ok(answer.text.includes(`id="${target}"`), target);
  }
});
