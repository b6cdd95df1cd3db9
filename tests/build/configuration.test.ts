import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadApp } from '../../src/build/app-loader.ts';
import { formatProblem } from '../../src/build/problem.ts';
import { DIALECTS } from '../../src/contract/runtimes.ts';
import { AppFolder } from './app-folder.ts';

const SMALL = 'export default () => 1;\n';

async function linesOf(files: Record<string, string>): Promise<string[]> {
  await using app = await AppFolder.create(files);
  const { code, list } = await app.problems();
  assert.equal(code, 'CONFIG_INVALID');
  return list.map(formatProblem);
}

test('no configuration: the folder names the app, files name functions, and every limit has its default', async () => {
  await using app = await AppFolder.create(
    { 'functions/hello.ts': SMALL, 'functions/index.mjs': SMALL, 'functions/users/index.js': SMALL },
    'My Shop',
  );
  const config = await app.load();
  assert.equal(config.name, 'my-shop');
  assert.equal(config.configFile, null);
  assert.deepEqual(
    config.functions.map(({ name, handler, routes }) => [name, handler.text, routes]),
    [
      ['hello', 'functions/hello.ts', [{ method: '*', pattern: '/hello', cors: null }]],
      ['index', 'functions/index.mjs', [{ method: '*', pattern: '/', cors: null }]],
      ['users', 'functions/users/index.js', [{ method: '*', pattern: '/users', cors: null }]],
    ],
  );
  assert.deepEqual(config.functions[0]?.limits, {
    memoryMb: 128,
    timeoutMs: 30_000,
    initTimeoutMs: 10_000,
    network: 'full',
    perInstance: 1,
    maxInstances: 100,
    provisioned: 0,
    queueMax: 1_000,
    queueTimeoutMs: 30_000,
    keepAliveMs: null,
  });
  assert.equal(config.functions[0]?.runtime, 'nodejs24');
  assert.equal(config.functions[0]?.dialect, null);
});

test('every setting is read; what a function says beats what the app says, key by key', async () => {
  await using app = await AppFolder.create({
    'mayfly.yaml': `
$schema: ./node_modules/mayfly/schema/mayfly.schema.json
name: shop
memory: 1GB
timeout: 2m
env: { SHARED: app, COUNT: 3, DEBUG: true }
concurrency: { max: 7, perInstance: 2 }
queue: { timeout: 5s }
external: [left]
functions:
  pay:
    handler: src/pay.ts#charge
    dialect: event
    memory: 256
    initTimeout: 1500ms
    env: { SHARED: own }
    network: none
    concurrency: { perInstance: 9, provisioned: 1 }
    queue: 40
    keepAlive: 1h
    external: [right, left]
    include: [data/**]
    minify: true
    routes:
      - POST /pay/:id
      - { methods: [GET, HEAD], path: /pay/* }
      - /any
  other:
`,
    'functions/other.ts': SMALL,
  });
  const { name, functions } = await app.load();
  assert.equal(name, 'shop');
  const [other, pay] = functions;
  assert.deepEqual(pay?.limits, {
    memoryMb: 256,
    timeoutMs: 120_000,
    initTimeoutMs: 1_500,
    network: 'none',
    perInstance: 9,
    maxInstances: 7,
    provisioned: 1,
    queueMax: 40,
    queueTimeoutMs: 5_000,
    keepAliveMs: 3_600_000,
  });
  assert.deepEqual(pay?.env, { SHARED: 'own', COUNT: '3', DEBUG: 'true' });
  assert.deepEqual(pay?.external, ['left', 'right']);
  assert.deepEqual(pay?.include, ['data/**']);
  assert.equal(pay?.minify, true);
  assert.equal(pay?.dialect, 'event');
  assert.equal(pay?.handler.text, 'src/pay.ts#charge');
  assert.deepEqual(
    pay?.routes.map(({ method, pattern }) => `${method} ${pattern}`),
    ['POST /pay/:id', 'GET /pay/*', 'HEAD /pay/*', '* /any'],
  );
  assert.equal(other?.limits.memoryMb, 1_024);
  assert.equal(other?.limits.perInstance, 2);
  assert.deepEqual(other?.env, { SHARED: 'app', COUNT: '3', DEBUG: 'true' });
});

test('all that is wrong is told at once, with its place and the nearest right word', async () => {
  const lines = await linesOf({
    'functions/hello.ts': SMALL,
    'mayfly.yaml': `name: Shop
memmory: 256
timeout: 10 parsecs
concurrency: [1]
functions:
  hello:
    queue: {maxx: 3}
    routes: [GET /x, {pth: /y}, 5]
    dialect: fecth
  Bad_Name: {}
env:
  A: 1
  B: [x]
  C-D: y
`,
  });
  const dialects = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
    Object.keys(DIALECTS).map((dialect) => `"${dialect}"`),
  );
  assert.deepEqual(lines, [
    'mayfly.yaml:1:7: name must be a name of lower-case letters, digits and inner hyphens, at most 63 characters, not "Shop"',
    'mayfly.yaml:2:1: unknown key "memmory" (did you mean "memory"?)',
    'mayfly.yaml:3:10: timeout must be a duration such as "10s" or "250ms", or a number of milliseconds, not "10 parsecs"',
    'mayfly.yaml:4:14: concurrency must be a mapping with "perInstance", "max" or "provisioned", not a list',
    'mayfly.yaml:7:13: unknown key "maxx" in functions.hello.queue (did you mean "max"?)',
    'mayfly.yaml:8:22: functions.hello.routes[1] needs "path"',
    'mayfly.yaml:8:23: unknown key "pth" in functions.hello.routes[1] (did you mean "path"?)',
    'mayfly.yaml:8:33: functions.hello.routes[2] must be a route such as "GET /users/:id", or a mapping with "path", not 5',
    `mayfly.yaml:9:14: functions.hello.dialect must be ${dialects}, not "fecth" (did you mean "fetch"?)`,
    'mayfly.yaml:10:3: "Bad_Name" is no valid name here: functions is a mapping of names (lower-case letters, digits, inner hyphens) to functions',
    'mayfly.yaml:13:6: env.B must be a text, a number, true or false, not a list',
    'mayfly.yaml:14:3: "C-D" is no valid name here: env is a mapping of variable names (letters, digits, "_") to values',
  ]);
});

test('values out of range, routes that cannot be, and functions without code', async () => {
  const lines = await linesOf({
    'functions/a.ts': SMALL,
    'functions/b.ts': SMALL,
    'mayfly.yaml': `keepAlive: 2d
functions:
  a:
    memory: 12MB
    timeout: 0
    concurrency: { max: 2, provisioned: 3 }
    routes: [GET /x/:id, FETCH /z, /a*b, "GET /:a/:a"]
  b:
    routes: [GET /x/:name, { path: /y, method: GET, methods: [PUT] }]
  c: {}
`,
  });
  assert.deepEqual(lines, [
    'mayfly.yaml:1:12: keepAlive must be from 0ms to 1d, not "2d"',
    'mayfly.yaml:4:13: functions.a.memory must be from 64MB to 10240MB, not "12MB"',
    'mayfly.yaml:5:14: functions.a.timeout must be from 1ms to 1d, not 0',
    'mayfly.yaml:6:41: functions.a.concurrency.provisioned is 3, more than concurrency.max, 2',
    'mayfly.yaml:7:26: functions.a.routes[1] has the unknown method "FETCH"; write one of *, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'mayfly.yaml:7:36: functions.a.routes[2] has a "*" in "/a*b" that is not the whole last segment',
    'mayfly.yaml:7:42: functions.a.routes[3] has the same parameter twice in "/:a/:a"',
    'mayfly.yaml:9:5: GET at /x/:name is both in function "a" and in function "b"',
    'mayfly.yaml:9:28: functions.b.routes[1] has both "method" and "methods"; keep one',
    'mayfly.yaml:10:6: function "c" has no handler (write "handler: FILE", or make functions/c.ts)',
  ]);
});

test('a place behind an anchor is the place of what was written', async () => {
  const lines = await linesOf({
    'functions/a.ts': SMALL,
    'mayfly.yaml': `functions:
  a: &base
    memory: big
  b: *base
`,
  });
  assert.deepEqual(lines, [
    'mayfly.yaml:3:13: functions.a.memory must be a size such as "256MB" or "1GB", or a number of MB, not "big"',
    'mayfly.yaml:3:13: functions.b.memory must be a size such as "256MB" or "1GB", or a number of MB, not "big"',
  ]);
});

test('YAML that cannot be read, and keys that stand twice', async () => {
  const [broken = ''] = await linesOf({ 'mayfly.yaml': 'name: [a\n' });
  assert.match(broken, /^mayfly\.yaml:\d+:\d+: /);
  const [twice = ''] = await linesOf({
    'functions/a.ts': SMALL,
    'mayfly.yaml': 'memory: 128\nmemory: 256\n',
  });
  assert.match(twice, /^mayfly\.yaml:2:1: .*unique/i);
  const [list = ''] = await linesOf({ 'functions/a.ts': SMALL, 'mayfly.yaml': '- a\n' });
  assert.equal(list, 'mayfly.yaml:1:1: the configuration must be a mapping, not a list');
});

test('an empty file says nothing; a "__proto__" key is a key like any other', async () => {
  await using app = await AppFolder.create({ 'functions/a.ts': SMALL, 'mayfly.yaml': '# nothing yet\n' });
  assert.equal((await app.load()).functions.length, 1);
  const [line] = await linesOf({ 'functions/a.ts': SMALL, 'mayfly.yaml': '__proto__: { memory: 4 }\n' });
  assert.equal(line, 'mayfly.yaml:1:1: unknown key "__proto__"');
});

test('files that cannot be functions, functions that have two files', async () => {
  const lines = await linesOf({
    'functions/getUser.ts': SMALL,
    'functions/hello.ts': SMALL,
    'functions/hello.mjs': SMALL,
  });
  assert.deepEqual(lines, [
    'functions/getUser.ts: "getUser" is no name for a function: lower-case letters, digits and inner hyphens, at most 63 (rename it to "get-user")',
    'functions/hello.ts: "hello" is also functions/hello.mjs (rename or remove one of the two)',
  ]);
});

test('shared code, declarations, tests and data are no functions', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': SMALL,
    'functions/_shared.ts': SMALL,
    'functions/.hidden.ts': SMALL,
    'functions/a.test.ts': SMALL,
    'functions/a.spec.js': SMALL,
    'functions/types.d.ts': '',
    'functions/data.json': '{}',
    'functions/parts/part.ts': SMALL,
  });
  assert.deepEqual(
    (await app.load()).functions.map(({ name }) => name),
    ['a'],
  );
});

test('a file that another function names as its handler is no function of its own', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': SMALL,
    'functions/b.ts': SMALL,
    'mayfly.yaml': 'functions:\n  renamed: { handler: ./functions/a.ts#default }\n',
  });
  assert.deepEqual(
    (await app.load()).functions.map(({ name }) => name),
    ['b', 'renamed'],
  );
});

test('an app needs a folder, a function, and one configuration of the right name', async () => {
  await assert.rejects(loadApp('/no/such/folder'), { code: 'CONFIG_INVALID', message: /does not exist/ });
  const [none = ''] = await linesOf({ 'readme.txt': '' });
  assert.match(none, /has no function \(make functions\/hello\.ts/);
  const template = 'Resources: { A: { Type: AWS::Serverless::Function } }\n';
  for (const [files, advice] of [
    [
      { 'cdk.json': '{}' },
      /\(cdk\.json is of AWS CDK, whose projects Mayfly does not read: name the handlers/,
    ],
    [
      { 'sam-events.json': '{}', 'sam-prod.yaml': template, 'main.tf': '' },
      /\(sam-prod\.yaml looks like a project file: --project sam-prod\.yaml\)/,
    ],
  ] as const) {
    const [line = ''] = await linesOf(files);
    assert.match(line, advice);
  }
  assert.deepEqual(await linesOf({ 'mayfly.yml': '' }), [
    'mayfly.yml: this name is not read (rename it to mayfly.yaml)',
  ]);
  const both = { 'mayfly.yaml': '', 'mayfly.config.ts': 'export default {}' };
  assert.deepEqual(await linesOf(both), [
    'the app has both mayfly.yaml and mayfly.config.ts (keep one of them)',
  ]);
});
