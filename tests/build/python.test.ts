import assert from 'node:assert/strict';
import { chmod, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createIncrementalBuilder } from '../../src/build/incremental-builder.ts';
import { formatProblem } from '../../src/build/problem.ts';
import { DIALECTS } from '../../src/contract/runtimes.ts';
import { AppFolder, functionOf, pathsOf, textOf } from './app-folder.ts';
import { makeWheel } from './wheel.ts';

const LAMBDA = 'def lambda_handler(event, context):\n    return 1\n';

async function linesOf(files: Record<string, string | Uint8Array>): Promise<string[]> {
  await using app = await AppFolder.create(files);
  return (await app.problems()).list.map(formatProblem);
}

test('files in functions/ are functions in their own language, whatever the others are', async () => {
  await using app = await AppFolder.create({
    'functions/first.ts': 'export default () => 1;',
    'functions/second_one.py': LAMBDA,
    'functions/third/main.py': 'from flask import Flask\napp = Flask(__name__)\n',
    'functions/_shared.py': '',
    'functions/test_second_one.py': '',
    'functions/conftest.py': '',
    'mayfly.yaml': 'runtime: nodejs22\nfunctions: { fourth: { handler: lib/api.py#work, dialect: event } }\n',
    'lib/api.py': 'async def work(event, context): ...\n',
  });
  const built = await app.build();
  assert.deepEqual(
    built.manifest.functions.map(({ name, runtime, dialect, handler }) => [name, runtime, dialect, handler]),
    [
      ['first', 'nodejs22', 'fetch', { file: 'functions/first.mjs', export: 'default' }],
      ['fourth', 'python3', 'event', { file: 'lib/api.py', export: 'work' }],
      ['second-one', 'python3', 'lambda', { file: 'functions/second_one.py', export: 'lambda_handler' }],
      ['third', 'python3', 'http', { file: 'functions/third/main.py', export: 'app' }],
    ],
  );
  assert.deepEqual(functionOf(built, 'second-one').routes[0]?.pattern, '/second-one');
});

test('what is shipped: modules, what frameworks read beside them, what is included, and nothing idle', async () => {
  await using app = await AppFolder.create({
    'functions/hello.py': LAMBDA,
    'shop/__init__.py': '',
    'shop/cart.py': '',
    'templates/page.html': '',
    'static/style.css': '',
    'data/list.json': '',
    'README.md': '',
    'vendor/packed/data.bin': '',
    'vendor/packed/tests/test_data.py': '',
    'vendor/packed-1.0.dist-info/METADATA': '',
    'tests/test_cart.py': '',
    'shop/test_cart.py': '',
    'shop/__pycache__/cart.cpython-311.pyc': '',
    '.venv/lib/thing.py': '',
    'my-environment/pyvenv.cfg': '',
    'my-environment/lib/thing.py': '',
    'node_modules/x/setup.py': '',
    '.secret.py': '',
    'mayfly.yaml': 'include: [data, "!static"]\n',
  });
  const built = await app.build();
  assert.deepEqual(pathsOf(built, 'hello'), [
    'data/list.json',
    'functions/hello.py',
    'shop/__init__.py',
    'shop/cart.py',
    'templates/page.html',
    'vendor/packed-1.0.dist-info/METADATA',
    'vendor/packed/data.bin',
    'vendor/packed/tests/test_data.py',
  ]);
  assert.ok(built.watchPaths.includes(join(app.dir, 'shop/cart.py')));
});

test('a change of one function leaves those alone that do not speak of it', async () => {
  await using app = await AppFolder.create({
    'functions/first.py': LAMBDA,
    'functions/second.py': `from . import first\n${LAMBDA}`,
    'functions/third.py': `import shop\n${LAMBDA}`,
    'functions/fourth.py': LAMBDA,
    'shop.py': 'import importlib\nimportlib.import_module("functions.fourth")\n',
  });
  const builder = createIncrementalBuilder(app.dir);
  try {
    const built = await builder.build();
    const own = (name: string) => pathsOf(built, name).filter((path) => path.startsWith('functions/'));
    const [first, second, third, fourth] = ['first', 'second', 'third', 'fourth'].map(
      (name) => `functions/${name}.py`,
    );
    assert.deepEqual(own('first'), [first, fourth]);
    assert.deepEqual(own('second'), [first, fourth, second]);
    assert.deepEqual(own('third'), [fourth, third]);
    await app.write({ [first!]: `${LAMBDA}# changed\n` });
    const next = await builder.build({ changed: [join(app.dir, first!)] });
    const changed = next.manifest.functions.filter(
      ({ artifact }, at) => artifact !== built.manifest.functions[at]?.artifact,
    );
    assert.deepEqual(
      changed.map(({ name }) => name),
      ['first', 'second'],
    );
  } finally {
    await builder.close();
  }
});

test('the folder of a function that has one is shipped whole', async () => {
  await using app = await AppFolder.create({
    'service/api.py': LAMBDA,
    'service/words.txt': 'words',
    'other.py': '',
    'mayfly.yaml': 'functions: { api: { root: service, handler: api.lambda_handler, runtime: python3 } }\n',
  });
  const built = await app.build();
  assert.deepEqual(pathsOf(built, 'api'), ['api.py', 'words.txt']);
  assert.deepEqual(functionOf(built, 'api').handler, { file: 'api.py', export: 'lambda_handler' });
});

test('handlers are found in every way of writing them', async () => {
  const handlers = [
    'src/api.py',
    'src/api',
    'src/api#lambda_handler',
    'src/api.lambda_handler',
    'src.api.lambda_handler',
  ];
  await using app = await AppFolder.create({
    'src/api.py': LAMBDA,
    'pack/__init__.py': LAMBDA,
    'mayfly.yaml': `runtime: python3\nfunctions:\n${[...handlers, 'pack', 'pack.lambda_handler']
      .map((text, at) => `  f${at}: { handler: "${text}" }\n`)
      .join('')}`,
  });
  const built = await app.build();
  const found = built.manifest.functions.map(({ handler }) => `${handler.file}#${handler.export}`);
  const api = handlers.map(() => 'src/api.py#lambda_handler');
  assert.deepEqual(found, [...api, 'pack/__init__.py#lambda_handler', 'pack/__init__.py#lambda_handler']);
});

test('a dialect that cannot be told is asked back, and so is one that Python has not', async () => {
  const offered = Object.keys(DIALECTS).filter(
    (name) => DIALECTS[name]?.includes('python') && name !== 'lambda',
  );
  const ask = `write "dialect: lambda" (or ${offered.join(', ')}) for this function in mayfly.yaml`;
  assert.deepEqual(
    await linesOf({
      'functions/a.py': 'def handler(event, context): ...\n',
      'functions/b.py': 'import functions_framework\n',
      'functions/c.py': 'x = 1\n',
      'functions/d.py': 'from flask import Flask\nserver = Flask(__name__)\n',
      'functions/e.py': LAMBDA,
      'mayfly.yaml': `functions:
  c: { dialect: event }
  e: { dialect: fetch }
  f: { handler: functions/e.py#gone }
  g: { handler: gone.py }
  h: { handler: functions/e.py, runtime: nodejs24 }
`,
    }),
    ['mayfly.yaml:6:42: runtime "nodejs24" does not run functions/e.py (leave it out, or write "python3")'],
  );
  const lines = await linesOf({
    'functions/a.py': 'def handler(event, context): ...\n',
    'functions/b.py': 'import functions_framework\n',
    'functions/c.py': 'x = 1\n',
    'functions/d.py': 'from flask import Flask\nserver = Flask(__name__)\n',
    'functions/e.py': LAMBDA,
    'mayfly.yaml': `functions:
  c: { dialect: event }
  e: { dialect: fetch }
  f: { handler: functions/e.py#gone }
  g: { handler: gone.py }
`,
  });
  assert.equal(lines.length, 7);
  assert.equal(
    lines[0],
    `functions/a.py: function "a" does not tell which dialect it is written in (${ask})`,
  );
  assert.match(lines[1]!, /function "b" has no "handler", which dialect "google" calls/);
  assert.match(
    lines[2]!,
    /function "c" has no "handler" or "main", which dialect "event" calls \(it defines x\)/,
  );
  assert.match(lines[3]!, /function "d" has no "app" or "application" or "api".+it defines Flask, server/);
  assert.match(lines[4]!, /function "e" is written in the dialect "fetch", which is not offered for Python/);
  assert.match(lines[5]!, /function "f" has no "gone" at its top level \(it defines lambda_handler\)/);
  assert.equal(lines[6], 'mayfly.yaml:5:17: there is no file "gone.py"');
});

test('an imported module of a vendor, its decorators and its own names say dialect and function', async () => {
  await using app = await AppFolder.create({
    'functions/a.py': 'import functions_framework\n@functions_framework.cloud_event\ndef seen(event): ...\n',
    'functions/b.py': 'import azure.functions as func\ndef main(req): ...\n',
    'functions/c.py':
      'import azure.functions as func\napp = func.FunctionApp()\n@app.function_name("listed")\n@app.route(route="x")\ndef own(req): ...\n',
    'functions/d.py': 'from fdk import response\ndef handler(ctx, data=None): ...\n',
    'functions/e.py': 'def main_handler(event, context): ...\n',
    'functions/f.py': 'from parliament import Context\ndef main(context): ...\n',
    'functions/g.py': 'import nuclio_sdk\ndef handler(context, event): ...\n',
    'functions/h.py': 'from flask import request\ndef main(): ...\n',
    'functions/i.py': 'import azure.functions as func\nweb = None\napp = func.AsgiFunctionApp(app=web)\n',
    'lib/two.py':
      'import azure.functions as func\nbp = func.Blueprint()\n@bp.route()\ndef one(req): ...\n@bp.timer_trigger(arg_name="t", schedule="0 0 * * * *")\ndef two(t): ...\n',
    'mayfly.yaml':
      'functions:\n  h: { dialect: fission }\n  one: { handler: lib/two.py#one }\n  two: { handler: lib/two.py#two }\n',
  });
  const built = await app.build();
  assert.deepEqual(
    built.manifest.functions.map(({ name, dialect, handler }) => [name, dialect, handler.export]),
    [
      ['a', 'google', 'seen'],
      ['b', 'azure', 'main'],
      ['c', 'azure', 'listed'],
      ['d', 'fn', 'handler'],
      ['e', 'tencent', 'main_handler'],
      ['f', 'knative', 'main'],
      ['g', 'nuclio', 'handler'],
      ['h', 'fission', 'main'],
      ['i', 'azure', 'app'],
      ['one', 'azure', 'one'],
      ['two', 'azure', 'two'],
    ],
  );
  const two =
    'import functions_framework\n@functions_framework.http\ndef a(request): ...\n\n@functions_framework.http\ndef b(request): ...\n';
  assert.deepEqual(await linesOf({ 'functions/x.py': two }), [
    'functions/x.py:6: function "x" has 2 functions in one file: a, b (name each in mayfly.yaml, "handler: FILE.py#a" and so on)',
  ]);
});

test('a syntax error of any module is told with its place', async () => {
  const lines = await linesOf({
    'functions/a.py': LAMBDA,
    'shop/cart.py': 'x = 1\ndef f(:\n    pass\n',
  });
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^shop\/cart\.py:2:\d+: invalid syntax$/);
});

test('requirements are installed from wheels beside them, once', async () => {
  const wheel = makeWheel('greeting', '1.0', {
    'greeting/__init__.py': 'WORD = "hi"\n',
    'greeting/data.txt': 'x',
  });
  const [name = '', content] = Object.entries(wheel)[0]!;
  await using app = await AppFolder.create({
    'functions/hello.py': `import greeting\n${LAMBDA}`,
    'requirements.txt': '# what it needs\ngreeting>=1.0\n',
    [`wheels/${name}`]: content,
  });
  const built = await app.build();
  const paths = pathsOf(built, 'hello');
  assert.deepEqual(paths.slice(0, 3), [
    'functions/hello.py',
    'vendor/greeting-1.0.dist-info/INSTALLER',
    'vendor/greeting-1.0.dist-info/METADATA',
  ]);
  assert.ok(paths.includes('vendor/greeting/data.txt'));
  assert.equal(await textOf(built, 'hello', 'vendor/greeting/__init__.py'), 'WORD = "hi"\n');
  assert.ok(built.watchPaths.includes(join(app.dir, 'requirements.txt')));

  const cache = join(app.dir, '.mayfly/python');
  const [installed = '', ...more] = await readdir(cache);
  assert.deepEqual(more, []);
  await writeFile(join(cache, installed, 'greeting/__init__.py'), 'WORD = "kept"\n');
  await utimes(join(cache, installed), new Date(), new Date());
  assert.equal(await textOf(await app.build(), 'hello', 'vendor/greeting/__init__.py'), 'WORD = "kept"\n');

  await app.write({ 'requirements.txt': 'greeting==1.0\n' });
  assert.equal(await textOf(await app.build(), 'hello', 'vendor/greeting/__init__.py'), 'WORD = "hi"\n');
});

test('what the guest brings is not installed, unless more of it is used; in a file with options it is', async () => {
  const google = 'import functions_framework\n@functions_framework.http\ndef hello(request): ...\n';
  await using app = await AppFolder.create({
    'functions/hello.py': google,
    'functions/requirements.txt': '# the framework\nFunctions_Framework==3.* # pinned\n',
    'functions/wheels/.keep': '',
  });
  assert.deepEqual(pathsOf(await app.build(), 'hello'), ['functions/hello.py']);
  const wheel = makeWheel('greeting', '1.0', { 'greeting.py': 'WORD = "hi"\n' });
  await app.write({
    'functions/requirements.txt': 'functions-framework\ngreeting\n',
    [`functions/wheels/${Object.keys(wheel)[0]}`]: Object.values(wheel)[0]!,
  });
  assert.ok(pathsOf(await app.build(), 'hello').includes('vendor/greeting.py'));
  const missing = async (files: Record<string, string>) => {
    await app.write(files);
    return (await app.problems()).list[0]?.message ?? '';
  };
  assert.match(
    await missing({ 'functions/hello.py': `from flask import jsonify\n${google}` }),
    /functions-framework/,
  );
  await app.write({ 'functions/hello.py': google });
  assert.match(
    await missing({ 'functions/requirements.txt': '--prefer-binary\nfunctions-framework\n' }),
    /functions-framework/,
  );
});

test('requirements that cannot be installed: pip’s last lines, and nothing half-made', async () => {
  await using app = await AppFolder.create({
    'functions/hello.py': LAMBDA,
    'functions/requirements.txt': 'gone-from-the-earth==9.9\n',
    'functions/wheels/.keep': '',
  });
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  assert.equal(list[0]?.file, 'functions/requirements.txt');
  assert.match(list[0]!.message, /^pip could not install its packages:\n[\s\S]*gone-from-the-earth==9\.9/);
  assert.deepEqual(await readdir(join(app.dir, '.mayfly/python')), []);
});

test('a Python that was named and cannot run is said', async () => {
  await using app = await AppFolder.create({
    'functions/hello.py': LAMBDA,
    'bin/python': '#!/bin/sh\nexit 1\n',
  });
  await chmod(join(app.dir, 'bin/python'), 0o755);
  const before = process.env.MAYFLY_PYTHON;
  process.env.MAYFLY_PYTHON = join(app.dir, 'bin/python');
  try {
    await assert.rejects(app.build(), {
      code: 'CONFIG_INVALID',
      message: /MAYFLY_PYTHON.+cannot be used: it does not run/,
    });
  } finally {
    if (before === undefined) delete process.env.MAYFLY_PYTHON;
    else process.env.MAYFLY_PYTHON = before;
  }
});
