import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildApp } from '../../../src/build/app-builder.ts';
import type { AppConfig } from '../../../src/build/app-config.ts';
import { loadApp } from '../../../src/build/app-loader.ts';
import { formatProblem } from '../../../src/build/problem.ts';
import { problemOfFinding } from '../../../src/build/projects/finding-problem.ts';
import { sayTrigger } from '../../../src/contract/triggers.ts';
import { AppFolder, functionOf, pathsOf } from '../app-folder.ts';
import { SAM_FIXTURES } from './sam-fixtures.ts';

async function open(part: string): Promise<{ app: AppFolder; config: AppConfig }> {
  const found = SAM_FIXTURES.find(({ name }) => name.includes(part));
  assert.ok(found, part);
  const app = await AppFolder.create(found.files);
  return { app, config: await loadApp(app.dir, found.options ?? {}) };
}

const linesOf = ({ findings }: AppConfig) =>
  findings.map((each) => `${each.severity} ${formatProblem(problemOfFinding(each))}`);
const routesOf = (config: AppConfig, name: string) =>
  config.functions
    .find((each) => each.name === name)
    ?.routes.map(({ method, pattern }) => `${method} ${pattern}`);

test('what "sam init" makes deploys, its code folder at the top', async () => {
  const { app, config } = await open('hello world');
  await using _ = app;
  assert.deepEqual([config.project, config.name], ['AWS SAM', 'sam-app']);
  assert.deepEqual(routesOf(config, 'hello-world-function'), ['GET /hello']);
  assert.deepEqual(config.findings, []);
  const built = await buildApp(config);
  const { handler, limits, runtime, env } = functionOf(built, 'hello-world-function');
  assert.deepEqual(handler, { file: 'hello-world-function.mjs', export: 'lambdaHandler' });
  assert.deepEqual([limits.memoryMb, limits.timeoutMs, runtime], [128, 3_000, 'nodejs22']);
  assert.deepEqual(env, { MAYFLY_LAMBDA_PAYLOAD: '1.0' });
  assert.ok(pathsOf(built, 'hello-world-function').includes('package.json'));
});

test('what esbuild would make is found at its entry point', async () => {
  const { app, config } = await open('esbuild');
  await using _ = app;
  const [api] = config.functions;
  assert.deepEqual(
    [api?.handler.text, api?.minify, api?.include, api?.external],
    ['src/app.handler', true, [], []],
  );
  assert.deepEqual(routesOf(config, 'api-function'), ['* /', '* /*']);
  assert.equal(functionOf(await buildApp(config), 'api-function').env.MAYFLY_LAMBDA_PAYLOAD, '2.0');
});

test('parameters, mappings, conditions and intrinsic functions are evaluated', async () => {
  const { app, config } = await open('parameters');
  await using _ = app;
  assert.equal(config.name, 'shop');
  assert.deepEqual(
    config.functions.map(({ name }) => name),
    ['orders-function'],
  );
  const [orders] = config.functions;
  assert.deepEqual(orders?.env, {
    HOST: 'example.com',
    TABLE: 'orders-live',
    ARN: 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders-live',
    MODE: 'production',
    COLOUR: 'green',
    JOINED: 'shop-eu-west-1',
    TEXT: 'x/orders-live/000000000000',
    MAYFLY_LAMBDA_PAYLOAD: '1.0',
  });
  assert.deepEqual([orders?.limits.memoryMb, orders?.limits.timeoutMs], [512, 20_000]);
  assert.deepEqual(orders?.routes[0]?.cors, {
    origins: ['https://example.com'],
    methods: ['GET', 'POST'],
    headers: ['content-type'],
    exposeHeaders: [],
    credentials: false,
    maxAgeS: 600,
  });
  const lines = linesOf(config);
  for (const expected of [
    'ignored template.yml:41:25: Resources.OrdersFunction.Properties.Environment.Variables.UNKNOWN: the variable UNKNOWN is left out: the parameter Unset has no value: --param Unset=VALUE',
    'ignored template.yml:42:35: Resources.OrdersFunction.Properties.Environment.Variables.ELSEWHERE: the variable ELSEWHERE is left out: only AWS can say what Fn::ImportValue gives',
    'ignored template.yml:48:16: condition IsTest of TestOnlyFunction: it does not hold, and so the function is not made',
  ]) {
    assert.ok(lines.includes(expected), `${expected}\n${lines.join('\n')}`);
  }
  assert.ok(lines.some((line) => line.startsWith('later') && line.includes('the table "orders-live"')));
});

test('every event becomes a trigger, and none is lost in silence', async () => {
  const { app, config } = await open('every event');
  await using _ = app;
  const [worker] = config.functions;
  assert.deepEqual(worker?.triggers.map(sayTrigger), [
    'schedule every 60s (off)',
    'schedule "0 6 * * *"',
    'queue JobQueue',
    'topic news',
    'object photos created/removed',
    'stream users',
    'stream clicks',
    'event shop',
    'log api',
    'mqtt plant/heat',
    'auth pre-sign-up',
    'auth post-confirmation',
    'queue JobQueue',
  ]);
  assert.deepEqual(worker?.triggers[2], {
    kind: 'queue',
    enabled: true,
    queue: 'JobQueue',
    batch: 7,
    windowMs: 0,
    parallel: 5,
    partialFailures: true,
    filters: [{ body: { kind: ['a'] } }],
  });
  assert.equal(worker?.limits.maxInstances, 3);
  const lines = linesOf(config);
  assert.ok(
    lines.some((line) => line.includes('AlexaSkill Skill of Worker: Mayfly has no such event source')),
  );
  assert.ok(lines.some((line) => line.includes('mayfly deploy --canary "10% 5m, 100%"')));
  assert.ok(lines.some((line) => line.startsWith('later') && line.includes('the workflow "Machine"')));
});

test('routes of an API that asks who calls are not opened to everybody', async () => {
  const { app, config } = await open('rules of their own');
  await using _ = app;
  assert.deepEqual(routesOf(config, 'api'), [
    'GET /open',
    'GET /health',
    'GET /documented/:id',
    '* /api',
    '* /api/*',
  ]);
  assert.deepEqual(routesOf(config, 'plain'), []);
  const lines = linesOf(config);
  assert.ok(
    lines.some(
      (line) => line.startsWith('later') && line.includes('authorizer of Api.Closed: the route is not made'),
    ),
  );
  const open_ = config.functions[0]?.routes[0];
  assert.deepEqual([open_?.cors?.origins, open_?.cors?.credentials], [['*'], false]);
});

test('a web server behind the Lambda Web Adapter, at its URL, is at the root', async () => {
  await using app = await AppFolder.create({
    'template.yaml': `Globals:
  Function: { Timeout: 10, Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap } } }
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: app
      Handler: run.sh
      Runtime: nodejs20.x
      Layers: [!Sub 'arn:aws:lambda:\${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:25']
      FunctionUrlConfig: { AuthType: NONE, InvokeMode: RESPONSE_STREAM }
`,
    'app/run.sh': '#!/bin/sh\nexec node server.js\n',
  });
  const config = await loadApp(app.dir);
  const [web] = config.functions;
  assert.deepEqual([web?.runtime, web?.handler.text, web?.root], ['http', 'run.sh', 'app']);
  assert.deepEqual(routesOf(config, 'web'), ['* /', '* /*']);
  assert.deepEqual(linesOf(config), []);
});

test('code that is no folder of sources blocks, each with what to do', async () => {
  await using app = await AppFolder.create({
    'template.yaml': `Resources:
  Image: { Type: AWS::Serverless::Function, Properties: { PackageType: Image, ImageUri: x } }
  Inline: { Type: AWS::Serverless::Function, Properties: { InlineCode: 'x', Runtime: nodejs22.x, Handler: index.handler } }
  Archive: { Type: AWS::Serverless::Function, Properties: { CodeUri: s3://a/b.zip, Runtime: nodejs22.x, Handler: a.b } }
  Above: { Type: AWS::Serverless::Function, Properties: { CodeUri: ../x, Runtime: nodejs22.x, Handler: a.b } }
  Old: { Type: AWS::Serverless::Function, Properties: { CodeUri: ., Runtime: ruby3.3, Handler: a.b } }
  None: { Type: AWS::Serverless::Function, Properties: { CodeUri: . } }
`,
  });
  const config = await loadApp(app.dir, { tolerant: true });
  assert.deepEqual(config.functions, []);
  const blocked = config.findings.filter(({ severity }) => severity === 'blocks');
  assert.deepEqual(
    blocked.map(({ place, function: name }) => `${place.line} ${name}`),
    ['2 image', '3 inline', '4 archive', '5 above', '6 old', '7 none'],
  );
  await assert.rejects(loadApp(app.dir), { code: 'CONFIG_INVALID', message: /ruby3\.3/ });
});

test('a program that SAM would build is to be built first', async () => {
  await using app = await AppFolder.create({
    'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  Go:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: go1.x }
    Properties: { CodeUri: hello/, Handler: bootstrap, Runtime: provided.al2023 }
`,
    'hello/main.go': 'package main\n',
  });
  const config = await loadApp(app.dir);
  assert.ok(linesOf(config).some((line) => line.includes('BuildMethod go1.x: Mayfly does not build it')));
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  assert.match(list[0]?.message ?? '', /there is no "bootstrap"/);
  assert.deepEqual([list[0]?.file, list[0]?.line], ['template.yaml', 6]);
});

test('an image is built from its Dockerfile, and speaks the Lambda Runtime API', async () => {
  await using app = await AppFolder.create({
    'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  Built:
    Type: AWS::Serverless::Function
    Metadata: { Dockerfile: Dockerfile.api, DockerContext: ./api, DockerTag: v1 }
    Properties: { PackageType: Image, MemorySize: 512, Events: { A: { Type: HttpApi, Properties: { Path: /a, Method: get } } } }
  Saved:
    Type: AWS::Serverless::Function
    Properties: { PackageType: Image, ImageUri: ./saved.tar, ImageConfig: { EntryPoint: [/run], Command: [x] } }
`,
    'api/Dockerfile.api': 'FROM scratch\n',
    'saved.tar': '',
  });
  const [built, saved] = (await loadApp(app.dir)).functions;
  assert.deepEqual(
    [built?.runtime, built?.image, built?.dialect, built?.command],
    ['container', 'api/Dockerfile.api', 'lambda', null],
  );
  assert.deepEqual(
    built?.routes.map(({ pattern }) => pattern),
    ['/a'],
  );
  assert.deepEqual([saved?.image, saved?.command], ['saved.tar', ['/run', 'x']]);
});
