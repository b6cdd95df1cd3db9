import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder } from '../app-folder.ts';
import { readFolder } from './project-reading.ts';

/** Reads a project of these files. */
async function read(files: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  await using folder = await AppFolder.create(files);
  const project = await readFolder(folder.dir, { env });
  const blocks = project.findings.filter(({ severity }) => severity === 'blocks');
  return { ...project, blocks: blocks.map(({ what, means }) => `${what}: ${means}`) };
}

const HOST = '{ "version": "2.0" }';

test('Azure: a route that the code computes is refused, not guessed', async () => {
  const { blocks } = await read({
    'host.json': HOST,
    'package.json': '{ "main": "src/functions/*.js" }',
    'src/functions/a.js': `const { app } = require('@azure/functions');
      app.http('a', { route: prefix + '/a', handler: async () => ({}) });`,
  });
  assert.match(blocks[0] ?? '', /^function a: route is computed by the code/);
});

test('Azure: short methods, and functions that main only reaches through imports', async () => {
  const project = await read({
    'host.json': '{ "version": "2.0", "functions": ["b"] }',
    'package.json': '{ "main": "index.js" }',
    'index.js': "import './lib/b.js'; import './lib/c.js';",
    'lib/b.js': "import { app } from '@azure/functions'; app.deleteRequest('b', { handler: () => ({}) });",
    'lib/c.js': "import { app as azure } from '@azure/functions'; azure.get('c', () => ({}));",
  });
  assert.deepEqual(project.function('b').routes, ['DELETE /api/b']);
  assert.deepEqual(Object.keys(project.app.functions ?? {}), ['b'], 'host.json names b alone');
});

test('Azure: a project without a function, and a custom handler', async () => {
  assert.match((await read({ 'host.json': HOST })).blocks[0] ?? '', /no function is found/);
  const custom =
    '{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "app" } } }';
  const { blocks } = await read({ 'host.json': custom, 'a/function.json': '{ "bindings": [] }' });
  assert.match(blocks.join(), /customHandler: a custom handler is a program/);
});

test('Google: the TypeScript of what package.json calls main; a variable names the target', async () => {
  const project = await read({
    'package.json': JSON.stringify({
      main: 'build/src/index.js',
      scripts: { start: 'FUNCTION_TARGET=hello functions-framework --signature-type=cloudevent' },
      dependencies: { '@google-cloud/functions-framework': '*' },
    }),
    'src/index.ts': 'export const hello = (event: unknown) => console.log(event);',
  });
  const { handler, env } = project.function('hello');
  assert.deepEqual([handler, env], ['src/index.ts#hello', { FUNCTION_SIGNATURE_TYPE: 'cloudevent' }]);
});

test('OpenFaaS: a Dockerfile is an image; without lang there is no code', async () => {
  const stack = (lines: string) => `provider: { name: openfaas }\nfunctions:\n  f:\n${lines}`;
  const project = await read({
    'stack.yml': stack('    lang: dockerfile\n    handler: ./f\n    limits: { cpu: "0.5" }\n'),
    'f/Dockerfile': 'FROM scratch\n',
  });
  const { image, runtime, cpu, root } = project.function('f');
  assert.deepEqual([image, runtime, cpu, root], ['f/Dockerfile', 'container', 500, undefined]);
  const { blocks } = await read({ 'stack.yml': stack('    image: example/f\n    skip_build: true\n') });
  assert.match(blocks[0] ?? '', /only an image, whose code is not here/);
});

test('OpenWhisk: archives, code in the manifest and images are refused', async () => {
  const { blocks } = await read({
    'manifest.yaml': `packages:
  p:
    actions:
      zip: { function: a.zip }
      inline: { code: "function main() {}", runtime: "nodejs:20" }
      docker: { docker: example/image, function: a.js }
      gone: { function: b.js }
`,
    'a.zip': '',
    'a.js': 'function main() { return {}; }',
  });
  assert.deepEqual(
    blocks.map((line) => line.split(':')[0]),
    ['zip.function', 'inline.code', 'docker.docker', 'gone.function'].map(
      (key) => `packages.p.actions.${key}`,
    ),
  );
});

test('Fission: code that is not in the folder, and an environment that is not there', async () => {
  const { blocks } = await read({
    'specs/all.yaml': `apiVersion: fission.io/v1
kind: Package
metadata: { name: p }
spec: { environment: { name: node }, deployment: { type: literal, literal: eA== } }
---
apiVersion: fission.io/v1
kind: Function
metadata: { name: f }
spec: { environment: { name: node }, package: { packageref: { name: p } } }
`,
  });
  assert.match(blocks.join('\n'), /no environment "node" among the specifications/);
  assert.match(blocks.join('\n'), /the code of package "p" is not in this folder/);
});

test('Fission: weights lead to the heaviest function', async () => {
  const project = await read({
    'specs/all.yaml': `kind: DeploymentConfig
apiVersion: fission.io/v1
name: weighted
---
apiVersion: fission.io/v1
kind: HTTPTrigger
metadata: { name: t }
spec: { relativeurl: /x, functionref: { type: function-weights, functionweights: { old: 20, new: 80 } } }
`,
  });
  assert.match(project.about('HTTPTrigger t spec.functionref.functionweights')[0] ?? '', /all go to new/);
});

test('Knative: TypeScript from its source; Python is refused with a way out', async () => {
  const project = await read({
    'func.yaml': 'specVersion: 0.36.0\nname: f\nruntime: typescript\n',
    'package.json': '{ "main": "./build/index.js" }',
    'src/index.ts': 'export const handle = () => 1;',
  });
  assert.equal(project.function('f').handler, 'src/index.ts');
  const python = await read({ 'func.yaml': 'specVersion: 0.36.0\nname: f\nruntime: python\n' });
  assert.match(python.blocks[0] ?? '', /^runtime: /);
});

test('Serverless Framework, google: the configuration itself is no module with functions', async () => {
  const project = await read({
    'serverless.yml':
      'service: on-google\nprovider: { name: google, runtime: nodejs22 }\nfunctions:\n  page: { handler: page, events: [{ http: path }] }\n',
    'package.json': '{ "main": "serverless.ts" }',
    'serverless.ts': 'module.exports = {};',
    'index.ts': "export { page } from './page.ts';",
  });
  assert.equal(project.function('page').handler, 'index.ts#page');
});

test('Nuclio: a file that does not say whose it is', async () => {
  const project = await read({
    'function.yaml': 'metadata: { name: short }\nspec:\n  handler: work:run\n  runtime: nodejs\n',
    'work.js': 'exports.run = (context) => context.callback(1);',
  });
  assert.equal(project.function('short').handler, 'work.js#run');
  const inline = await read({
    'function.yaml':
      'metadata:\n  name: coded\nspec:\n  runtime: nodejs\n  handler: handler\n  build: { functionSourceCode: MQ== }\n',
  });
  assert.match(inline.blocks[0] ?? '', /functionSourceCode: code in the file itself is not read/);
});

test('Alibaba: an image of a registry; the initialiser must have one of its names', async () => {
  const resource = (props: string) => `edition: 3.0.0
resources:
  f:
    component: fc3
    props: { functionName: f, ${props} }
`;
  const image = await read({
    's.yaml': resource('runtime: custom-container, customContainerConfig: { image: "registry/x:1" }'),
  });
  assert.match(image.blocks[0] ?? '', /the image registry\/x:1 is not in this folder/);
  const hook = 'instanceLifecycleConfig: { initializer: { handler: index.begin } }';
  const { blocks } = await read({
    's.yaml': resource(`runtime: nodejs20, code: ./, handler: index.handler, ${hook}`),
    'index.js': 'exports.handler = () => 1;',
  });
  assert.match(
    blocks[0] ?? '',
    /it is not called: of the handler's file, exports named initialize or initializer/,
  );
});

test('Tencent: several functions of one component, each reached by the triggers that name it', async () => {
  const project = await read({
    'serverless.yml': `component: multi-scf
app: diary
name: both
inputs:
  src: { src: ./src, exclude: [.env] }
  runtime: Nodejs18.15
  timeout: 4
  environment: { variables: { TONE: warm } }
  functions:
    pages: { handler: index.pages, memorySize: 256 }
    sweep: { handler: index.sweep, timeout: 60, environment: { variables: { TONE: cold } } }
  triggers:
    - { type: timer, function: sweep, parameters: { name: t, cronExpression: '0 0 3 * * * *', enable: true } }
    - type: apigw
      function: pages
      parameters:
        apis:
          - { path: '/pages/{day}', method: GET, param: [{ name: day, position: PATH }] }
          - { path: /sweep, method: POST, function: sweep }
          - { path: /gone, method: POST, function: gone }
`,
    'src/index.js': 'exports.pages = exports.sweep = async () => 1;',
  });
  assert.deepEqual(project.blocks, []);
  const { root, handler, timeout, memory, routes, env } = project.function('pages');
  assert.deepEqual([root, handler, timeout, memory], ['src', 'index.js#pages', 4_000, 256]);
  assert.deepEqual([routes, env], [['GET /pages/:day'], { TONE: 'warm' }]);
  const sweep = project.function('sweep');
  assert.deepEqual([sweep.timeout, sweep.env, sweep.routes], [60_000, { TONE: 'cold' }, ['POST /sweep']]);
  assert.deepEqual(sweep.triggers, [{ schedule: { cron: '0 0 3 * * * *', timezone: 'Asia/Shanghai' } }]);
  assert.match(project.about('inputs.triggers[1].parameters.apis[2]')[0] ?? '', /no function "gone"/);
});

test('Tencent: frameworks export their application; others must be started', async () => {
  const files = { 'app.js': 'module.exports = (request, response) => response.end();' };
  const express = await read({
    'serverless.yml': 'component: express\nname: site\ninputs: { src: ./ }\n',
    ...files,
  });
  const { handler, dialect, env, routes } = express.function('site');
  assert.deepEqual([handler, dialect, routes], ['app.js#default', 'http', ['/', '/*']]);
  assert.deepEqual(env, { SERVERLESS: '1' });
  const koa = await read({
    'serverless.yml':
      'component: http\nname: site\ninputs: { src: ./, faas: { framework: koa, timeout: 9 }, apigw: { protocols: [http] } }\n',
    ...files,
  });
  assert.deepEqual([koa.function('site').timeout, koa.blocks], [9_000, []]);
  const flask = await read({
    'serverless.yml': 'component: flask\nname: site\ninputs: { src: ./ }\n',
    'app.py': 'app = None\n',
  });
  assert.deepEqual(
    [flask.function('site').handler, flask.function('site').runtime],
    ['app.py#app', 'python3'],
  );
  const without = await read({ 'serverless.yml': 'component: koa\nname: site\ninputs: { src: ./ }\n' });
  assert.match(without.blocks[0] ?? '', /no file sls\.js or app\.js, which exports the application/);
  const nuxt = await read({ 'serverless.yml': 'component: nuxtjs\nname: site\ninputs: { src: ./ }\n' });
  assert.match(nuxt.blocks[0] ?? '', /does not know the component "nuxtjs"/);
});

test('Tencent: web functions start their script; the older form names each function', async () => {
  const web = await read({
    'serverless.yml':
      'component: scf\nname: site\ninputs: { src: ./app, type: web, events: [{ http: { parameters: {} } }] }\n',
    'app/scf_bootstrap': '#!/bin/sh\nnode server.js\n',
  });
  const { runtime, command, root, routes } = web.function('site');
  assert.deepEqual([runtime, command, root, routes], ['http', ['./scf_bootstrap'], 'app', ['/', '/*']]);
  const older = await read({
    'serverless.yml': `one:
  component: '@serverless/tencent-scf'
  inputs: { codeUri: ./, handler: index.main_handler, runtime: Nodejs12.16 }
two:
  component: '@serverless/tencent-cos'
  inputs: { bucket: b }
`,
    'index.js': 'exports.main_handler = () => 1;',
  });
  assert.equal(older.function('one').handler, 'index.js#main_handler');
  assert.match(older.blocks[0] ?? '', /^two\.component: /);
});

test('Cloudflare: no main, and a main that a build has yet to make', async () => {
  assert.match((await read({ 'wrangler.toml': 'name = "x"\n' })).blocks[0] ?? '', /no "main"/);
  const { findings } = await read({
    'wrangler.toml': 'name = "x"\nmain = "dist/w.js"\n[build]\ncommand = "npm run build"\n',
  });
  const [missing] = findings.filter(({ severity }) => severity === 'blocks');
  assert.deepEqual([missing?.what, missing?.suggestion], ['main', 'run "npm run build" first']);
});

test('Nuclio: code in the file itself is refused; without an HTTP trigger it is everywhere', async () => {
  const inline = await read({
    'function.yaml':
      'apiVersion: nuclio.io/v1\nkind: NuclioFunction\nmetadata: { name: f }\nspec: { build: { functionSourceCode: eA== } }\n',
  });
  assert.match(inline.blocks[0] ?? '', /code in the file itself is not read/);
  const plain = await read({
    'function.yaml':
      'apiVersion: nuclio.io/v1\nmetadata: { name: f }\nspec: { handler: "main:handler", runtime: nodejs }\n',
    'main.js': 'exports.handler = (context) => context.callback(1);',
  });
  assert.deepEqual(plain.function('f').routes, ['/', '/*']);
});
