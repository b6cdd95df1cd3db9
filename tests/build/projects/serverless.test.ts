import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildApp } from '../../../src/build/app-builder.ts';
import { loadApp } from '../../../src/build/app-loader.ts';
import { formatProblem } from '../../../src/build/problem.ts';
import { problemOfFinding } from '../../../src/build/projects/finding-problem.ts';
import type { ProjectOptions } from '../../../src/build/projects/foreign-project.ts';
import { sayTrigger } from '../../../src/contract/triggers.ts';
import { AppFolder, pathsOf } from '../app-folder.ts';
import { SERVERLESS_FIXTURES } from './serverless-fixtures.ts';

const fixture = (part: string) => {
  const found = SERVERLESS_FIXTURES.find(({ name }) => name.includes(part));
  assert.ok(found, part);
  return found;
};

/** What a serverless.yml loads as, with its findings as lines. */
async function read(text: string, options: ProjectOptions = {}, files: Record<string, string> = {}) {
  await using app = await AppFolder.create({ 'serverless.yml': text, ...files });
  const config = await loadApp(app.dir, { ...options, tolerant: true });
  const lines = config.findings.map((each) => `${each.severity} ${formatProblem(problemOfFinding(each))}`);
  return { config, lines, functions: new Map(config.functions.map((each) => [each.name, each])) };
}

const service = (rest: string) => `service: s\nprovider: { name: aws, runtime: nodejs20.x }\n${rest}`;

test('functions, limits, variables and routes are read, and what waits for a service is told', async () => {
  const { files } = fixture('REST');
  await using app = await AppFolder.create(files);
  const config = await loadApp(app.dir);
  assert.equal(config.project, 'Serverless Framework');
  assert.equal(config.name, 'rest-with-dynamodb');
  const [create, everything, get] = config.functions;
  assert.deepEqual(create?.routes, [
    {
      method: 'POST',
      pattern: '/todos',
      cors: {
        origins: ['*'],
        methods: ['POST'],
        headers: ['*'],
        exposeHeaders: [],
        credentials: false,
        maxAgeS: 600,
      },
    },
  ]);
  assert.equal(get?.routes[0]?.pattern, '/todos/:id');
  assert.deepEqual([everything?.routes[0]?.method, everything?.routes[0]?.pattern], ['*', '/files/*']);
  assert.deepEqual(create?.env, { DYNAMODB_TABLE: 'rest-with-dynamodb-dev', MAYFLY_LAMBDA_PAYLOAD: '1.0' });
  assert.deepEqual([create?.limits.memoryMb, create?.limits.timeoutMs], [1_024, 6_000]);
  assert.deepEqual([everything?.limits.timeoutMs, everything?.limits.maxInstances], [29_000, 5]);
  assert.deepEqual([create?.dialect, create?.handler.text], ['lambda', 'todos/create.handler']);
  const told = config.findings.map(({ severity, place, what }) => `${severity} ${place.line} ${what}`);
  assert.ok(told.includes('later 9 provider.iam'), told.join('\n'));
  assert.ok(told.includes('later 32 TodosDynamoDbTable (AWS::DynamoDB::Table)'), told.join('\n'));
  const built = await buildApp(config);
  assert.ok(pathsOf(built, 'create').includes('todos/shape.json'), 'the whole folder is shipped');
  assert.ok(!pathsOf(built, 'create').includes('serverless.yml'));
});

test('variables are resolved over files, stages, parameters, options and the environment', async () => {
  const { files, options } = fixture('several files');
  await using app = await AppFolder.create(files);
  const config = await loadApp(app.dir, options);
  assert.deepEqual(
    config.findings.filter(({ severity }) => severity === 'blocks'),
    [],
  );
  const [one, two] = config.functions;
  const shared = { OWNER: 'ops', DOMAIN: 'example.com', NAME: 'many-files-prod' };
  assert.deepEqual(one?.env, { ...shared, MAYFLY_LAMBDA_PAYLOAD: '2.0' });
  assert.deepEqual(two?.env, {
    ...shared,
    FROM_JS: 'v',
    FROM_FUNCTION: 'prod/many-files',
    FLAG: 'true',
    COLOUR: 'blue',
    DOTENV: 'of the stage',
    LIST_ITEM: 'b',
    FALLBACK: 'plain, with a comma',
    LITERAL: `\${AWS::Region}`,
  });
  assert.equal(two?.limits.memoryMb, 256);
  assert.deepEqual(one?.include, [
    '**',
    '!serverless.yml',
    '!mayfly.yaml',
    '!npm-debug.log',
    '!**',
    'views/*.html',
    '!views/draft.html',
  ]);
  const shipped = pathsOf(await buildApp(config), 'one');
  assert.deepEqual(shipped, ['src/one.mjs', 'src/one.mjs.map', 'views/page.html']);
  assert.equal(one?.place.file, 'functions/one.yml');
  assert.ok(config.configParts.includes(`${app.dir}/config/custom.yml`), 'what was read is watched');
});

test('a configuration in TypeScript is evaluated, and its plugin leaves the bundling to Mayfly', async () => {
  await using app = await AppFolder.create(fixture('TypeScript').files);
  const [hello] = (await loadApp(app.dir)).functions;
  assert.deepEqual(
    hello?.routes.map(({ method, pattern }) => `${method} ${pattern}`),
    ['POST /hello'],
  );
  assert.deepEqual([hello?.minify, hello?.include], [true, []]);
});

test('every event becomes a route or a trigger, and none is lost in silence', async () => {
  const { files } = fixture('every event');
  const { functions, lines } = await read(files['serverless.yml'] ?? '');
  const worker = functions.get('worker');
  assert.deepEqual(worker?.triggers.map(sayTrigger), [
    'schedule every 600s',
    'schedule "0 12 * * MON-FRI"',
    'schedule "0 0 8 1 * * 2030" (off)',
    'queue jobs',
    'topic news',
    'topic alerts',
    'object photos removed',
    'object thumbnails created',
    'stream Users',
    'stream clicks',
    'event shop',
    'schedule every 86400s',
    'event default',
    'log hello',
    'websocket $connect',
    'websocket say',
    'mqtt plant/+/heat',
    'auth pre-sign-up',
    'stream orders',
  ]);
  const [, , , queue, , , , , table] = worker?.triggers ?? [];
  assert.deepEqual(queue, {
    kind: 'queue',
    enabled: true,
    queue: 'jobs',
    batch: 5,
    windowMs: 20_000,
    parallel: 4,
    partialFailures: true,
    filters: [{ body: { kind: ['a'] } }],
  });
  assert.ok(table?.kind === 'stream' && table.of === 'table' && table.retries === 2 && table.bisect);
  const event = worker?.triggers[10];
  assert.ok(event?.kind === 'event');
  assert.deepEqual(event.pattern, {
    source: ['orders'],
    type: ['paid'],
    data: { amount: [{ numeric: ['>', 10] }] },
  });
  assert.deepEqual(
    worker?.routes.map(({ method, pattern }) => `${method} ${pattern}`),
    ['GET /balanced', 'GET /files/*'],
  );
  assert.ok(
    lines.some((line) => line.includes('kafka of worker: it waits for a log "orders"')),
    lines.join('\n'),
  );
});

test('a route with an authorizer is not opened to everybody', async () => {
  const { functions, lines } = await read(
    service(
      'functions:\n  a:\n    handler: a.b\n    events:\n      - httpApi: { path: /me, method: get, authorizer: { name: jwt } }\n      - http: { path: key, method: get, private: true }\n      - httpApi: GET /open\n    url: { authorizer: aws_iam }\n',
    ),
  );
  assert.deepEqual(
    functions.get('a')?.routes.map(({ pattern }) => pattern),
    ['/open'],
  );
  assert.equal(
    lines.filter((line) => line.startsWith('later') && line.includes('the route is not made')).length,
    3,
  );
});

test('a configuration in TypeScript that does not load says why, and what it imports is watched', async () => {
  const { files } = fixture('TypeScript');
  await using app = await AppFolder.create(files);
  const { configParts } = await loadApp(app.dir);
  assert.deepEqual(configParts.map((path) => path.slice(app.dir.length + 1)).sort(), [
    'src/functions/hello/index.ts',
    'src/shared/place.ts',
  ]);
  for (const [text, message] of [
    ["import './gone';\nexport default {};\n", 'serverless.ts:1:8: Could not resolve "./gone"'],
    ['throw new TypeError("no stage");\n', 'serverless.ts: the file does not load: TypeError: no stage'],
  ] as const) {
    await app.write({ 'serverless.ts': text });
    await assert.rejects(loadApp(app.dir), { code: 'CONFIG_INVALID', message });
  }
  const waiting =
    "const name = await Promise.resolve('late');\nexport default { service: name, provider: { name: 'aws' }, functions: { a: { handler: 'a.b' } } };\n";
  await app.write({ 'serverless.ts': waiting });
  assert.equal((await loadApp(app.dir)).name, 'late');
});

test('the only URL of an app without routes is its root, any other is below its name', async () => {
  const two = service(
    'functions:\n  a: { handler: a.b, url: true }\n  c: { handler: a.b, url: { cors: true } }\n',
  );
  const beside = service(
    'functions:\n  a: { handler: a.b, url: true }\n  c: { handler: a.b, events: [httpApi: GET /c] }\n',
  );
  const alone = service(
    'functions:\n  a: { handler: a.b, url: { invokeMode: RESPONSE_STREAM } }\n  c: { handler: a.b }\n',
  );
  for (const [text, patterns] of [
    [alone, ['/', '/*']],
    [two, ['/a', '/a/*']],
    [beside, ['/a', '/a/*']],
  ] as const) {
    const { functions, lines } = await read(text);
    assert.deepEqual(
      functions.get('a')?.routes.map(({ pattern }) => pattern),
      patterns,
    );
    const told = lines.some((line) => line.includes('a URL of its own is /a here'));
    assert.equal(told, patterns[0] !== '/');
  }
});

test('an application behind serverless-wsgi is served as what it is', async () => {
  const { functions, lines } = await read(`service: s
plugins: [serverless-wsgi, serverless-python-requirements]
custom: { wsgi: { app: shop.web.app, packRequirements: false } }
provider: { name: aws, runtime: python3.12 }
functions:
  web: { handler: wsgi_handler.handler, events: [{ http: ANY / }, { http: 'ANY /{proxy+}' }] }
  other: { handler: jobs.handler }
`);
  const { runtime, dialect, handler } = functions.get('web') ?? {};
  assert.deepEqual([runtime, dialect, handler?.text], ['python3', 'http', 'shop.web.app']);
  assert.equal(functions.get('other')?.dialect, 'lambda');
  assert.ok(!lines.some((line) => line.includes('plugin')), lines.join('\n'));
});

test('a web server behind the Lambda Web Adapter needs no adapter', async () => {
  const { functions, lines } = await read(
    service(`functions:
  web:
    handler: run.sh
    layers: ['arn:aws:lambda:\${aws:region}:753240598075:layer:LambdaAdapterLayerX86:25', 'arn:aws:lambda:us-east-1:1:layer:fonts:1']
    environment: { AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap, PORT: '8000' }
    url: true
`),
  );
  const { runtime, dialect, handler } = functions.get('web') ?? {};
  assert.deepEqual([runtime, dialect, handler?.text], ['http', null, 'run.sh']);
  assert.deepEqual(
    lines.filter((line) => line.includes('layer')),
    [
      'ignored serverless.yml:6:90: layer 2: nothing of a layer is at /opt; packages in it must be installed in the project',
    ],
  );
});

test('a handler that is no source in JavaScript says what else it could be', async () => {
  await using app = await AppFolder.create({
    'serverless.yml': service('functions: { a: { handler: run.sh } }\n'),
    'run.sh': '#!/bin/sh\n',
  });
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  assert.equal(list[0]?.message, '"run.sh" is neither JavaScript nor TypeScript');
  assert.equal(list[0]?.line, 3);
});

test('an archive of a runtime that nothing here runs is not said to need unpacking', async () => {
  const { lines } = await read(
    'service: s\nprovider: { name: aws, runtime: java21 }\npackage: { artifact: target/a.jar }\nfunctions: { a: { handler: x.Y } }\n',
  );
  assert.deepEqual(
    lines.map((line) => line.split(':', 4).join(':')),
    ['blocks serverless.yml:2:33: runtime java21'],
  );
});

test('what has no value is told at its place: an environment variable is left out, anything else blocks', async () => {
  const { functions, lines } = await read(
    service(`custom: { a: '\${self:custom.b}', b: '\${self:custom.c}', c: '\${self:custom.a}' }
functions:
  a:
    handler: a.b
    environment:
      KEY: \${env:NOT_SET}
      SECRET: \${ssm:/x/y}
      OTHER: \${env:NOT_SET, 'otherwise'}
  b:
    handler: a.b
    memorySize: \${self:custom.a}
  c:
    handler: a.b
    timeout: \${opt:limit}
`),
  );
  assert.deepEqual([...functions.keys()], ['a']);
  assert.deepEqual(functions.get('a')?.env, { OTHER: 'otherwise' });
  assert.deepEqual(
    lines.filter((line) => !line.includes('runtime')),
    [
      `ignored serverless.yml:8:12: \${env:NOT_SET}: the variable KEY is left out: the environment variable NOT_SET is not set (give it a value: mayfly secret set KEY)`,
      `ignored serverless.yml:9:15: \${ssm:/x/y}: the variable SECRET is left out: the value stands in AWS's parameter store, which is not asked (give it a value: mayfly secret set SECRET)`,
      `blocks serverless.yml:13:17: \${self:custom.a}: it refers to itself: custom.a → custom.b → custom.c → custom.a`,
      `blocks serverless.yml:16:14: \${opt:limit}: no option "limit" is given: --opt limit=VALUE`,
    ],
  );
});

test('a runtime that nothing here runs blocks its function and no other', async () => {
  const text = service(
    'functions:\n  good: { handler: a.b }\n  old:\n    handler: Handler\n    runtime: java17\n  image: { image: 1.dkr.ecr.x/y }\n',
  );
  const { functions, lines } = await read(text);
  assert.deepEqual([...functions.keys()], ['good']);
  assert.ok(
    lines.some((line) =>
      line.startsWith('blocks serverless.yml:7:14: runtime java17: Mayfly neither builds nor loads'),
    ),
  );
  await using app = await AppFolder.create({ 'serverless.yml': text });
  await assert.rejects(loadApp(app.dir), { code: 'CONFIG_INVALID', message: /java17/ });
});

test('a mistake in the values is a problem at its place in the foreign file', async () => {
  await using app = await AppFolder.create({
    'serverless.yml': service('functions:\n  a:\n    handler: nothing/there.main\n  b: { handler: 5, }\n'),
  });
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  assert.equal(list[0]?.file, 'serverless.yml');
  assert.equal(list[0]?.line, 5);
});

test('keys that Mayfly does not know are told', async () => {
  const { lines } = await read(service('functions: { a: { handler: a.b, colour: red } }\nfuncs: {}\n'));
  assert.ok(lines.some((line) => line.includes('functions.a.colour: Mayfly does not know it')));
  assert.ok(lines.some((line) => line.startsWith('ignored serverless.yml:4:1: funcs')));
});

test("Mayfly's own file comes first, and says so", async () => {
  await using app = await AppFolder.create({
    'serverless.yml': service('functions: { a: { handler: a.b } }'),
    'mayfly.yaml': 'functions: { own: { handler: own.js } }\n',
  });
  const config = await app.load();
  assert.deepEqual(
    config.functions.map(({ name }) => name),
    ['own'],
  );
  assert.deepEqual(config.notices, ['mayfly.yaml is read; serverless.yml beside it is not']);
  const foreign = await loadApp(app.dir, { project: 'serverless.yml' });
  assert.deepEqual(
    foreign.functions.map(({ name }) => name),
    ['a'],
  );
});

test('functions of other providers are read in the dialect of their vendor', async () => {
  const load = async (part: string) => {
    await using app = await AppFolder.create(fixture(part).files);
    const config = await loadApp(app.dir);
    return config.functions.map(({ name, dialect, handler, routes, triggers, limits }) => [
      `${name} ${dialect} ${handler.text} ${limits.memoryMb}MB ${limits.timeoutMs / 1_000}s`,
      ...routes.map(({ method, pattern }) => `${method} ${pattern}`),
      ...triggers.map(sayTrigger),
    ]);
  };
  assert.deepEqual(await load('Google'), [
    ['first google index.js#http 128MB 30s', '* /first', '* /first/*'],
    ['second google index.js#event 256MB 60s', 'topic news'],
  ]);
  assert.deepEqual(await load('Azure'), [
    ['hello azure src/handlers/hello.js#sayHello 512MB 300s', 'GET /api/hello'],
    ['nightly azure src/handlers/hello.js#sayHello 512MB 300s', 'schedule "0 */5 * * * *"'],
  ]);
  assert.deepEqual(await load('OpenWhisk'), [
    ['users openwhisk users.js#create 256MB 60s', 'POST /api/users', 'schedule "* * * * *"', 'event default'],
  ]);
  assert.deepEqual(await load('Kubeless'), [
    [
      'capitalize kubeless handler.js#capitalize 128MB 180s',
      '* /capitalize',
      'topic uppercase',
      'schedule "0 * * * *"',
    ],
  ]);
});

test('an image is built from its Dockerfile', async () => {
  const { functions, lines } = await read(
    `service: s
provider: { name: aws, ecr: { images: { base: { path: ./image, file: Dockerfile.dev }, far: { uri: 1.dkr.ecr.eu-west-1.amazonaws.com/x } } } }
functions:
  near: { image: { name: base, entryPoint: [/run] } }
  far: { image: far }
`,
    {},
    { 'image/Dockerfile.dev': 'FROM scratch\n' },
  );
  const near = functions.get('near');
  assert.deepEqual(
    [near?.runtime, near?.image, near?.command, near?.dialect],
    ['container', 'image/Dockerfile.dev', ['/run'], 'lambda'],
  );
  assert.deepEqual(lines, [
    'blocks serverless.yml:5:10: image far: images of a registry are not fetched (save it beside this file and name the archive: image: image.tar)',
  ]);
});

test('another file of the same tool is read when it is named, and a provider may be a word', async () => {
  await using app = await AppFolder.create({
    'serverless.yml': service('functions: { a: { handler: a.b } }'),
    'serverless.staging.yml': 'service: staging\nprovider: aws\nfunctions: { b: { handler: a.b } }\n',
  });
  const config = await loadApp(app.dir, { project: 'serverless.staging.yml' });
  assert.deepEqual([config.name, config.functions.map(({ name }) => name)], ['staging', ['b']]);
  await assert.rejects(
    loadApp(app.dir, { project: 'serverless.nowhere.yml' }),
    /no project file.*there is serverless\.yml/s,
  );
});
