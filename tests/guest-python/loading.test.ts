import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

test('a function sees its own variables, folder, arguments and packages', async () => {
  await using guest = await python.load(
    {
      'functions/hello.py': `
import os, sys
from shared import WORD
from . import beside
import packed, calendar, neighbour

def handler(event, context):
    return {
        "env": dict(os.environ), "cwd": os.getcwd(), "argv": sys.argv, "name": __name__,
        "words": [WORD, beside.WORD, packed.WORD, neighbour.WORD], "calendar": calendar.__file__,
        "guest": [name for name in sys.path if "mayfly_guest" in name], "bytecode": sys.dont_write_bytecode,
    }
`,
      'shared.py': 'WORD = "shared"',
      'functions/beside.py': 'WORD = "beside"',
      'functions/neighbour.py': 'WORD = "neighbour"',
      'functions/calendar.py': 'raise RuntimeError("hides the calendar of Python")',
      'vendor/packed.py': 'WORD = "packed"',
    },
    { handler: { file: 'functions/hello.py', export: 'handler' }, env: { COLOUR: 'blue', TZ: 'Asia/Tokyo' } },
  );
  const told = JSON.parse((await guest.invoke()).body.toString());
  assert.deepEqual(told.words, ['shared', 'beside', 'packed', 'neighbour']);
  assert.equal(told.name, 'functions.hello');
  assert.equal(told.cwd, guest.folder);
  assert.deepEqual(told.argv, [`${guest.folder}/functions/hello.py`]);
  assert.doesNotMatch(told.calendar, /functions/);
  assert.deepEqual([told.guest, told.bytecode], [[], true]);
  const { env } = told;
  assert.deepEqual(
    [env.COLOUR, env.TZ, env.MAYFLY_APP, env.MAYFLY_FUNCTION, env.MAYFLY_APP_URL, env.HOME],
    ['blue', 'Asia/Tokyo', 'shop', 'cart', 'http://127.0.0.1:1/@shop', env.TMPDIR],
  );
  assert.equal('PYTHONPATH' in env, false);
});

for (const [what, files, handler, name, words] of [
  ['a syntax error', { 'index.py': 'def handler(:\n' }, 'index.py', 'SyntaxError', /index\.py", line 1/],
  ['an error at the top', { 'index.py': 'import gone_missing' }, 'index.py', 'ModuleNotFoundError', /line 1/],
  ['no such file', {}, 'index.py', 'HandlerUnusable', /index\.py" is not there/],
  [
    'no such export',
    { 'index.py': 'x = 1' },
    'index.py',
    'HandlerUnusable',
    /"handler" in index\.py is missing/,
  ],
  [
    'no function',
    { 'index.py': 'handler = 5' },
    'index.py',
    'HandlerUnusable',
    /is no function, but of type int/,
  ],
  ['an exit', { 'index.py': 'import sys; sys.exit("no")' }, 'index.py', 'SystemExit', /sys\.exit\('no'\)/],
] as const) {
  test(`${what} fails the loading`, async () => {
    await using guest = await python.boot(files);
    await guest.booted;
    const failure = await guest.specialise({
      handler: { file: handler, export: 'handler' },
      dialect: 'event',
    });
    assert.deepEqual([failure?.code, failure?.name, failure?.fatal], ['FUNCTION_INIT_FAILED', name, true]);
    assert.match(`${failure?.message}\n${failure?.stack}`, words);
    assert.doesNotMatch(failure!.stack, /mayfly_guest/);
  });
}

test('a dialect of another language is refused', async () => {
  await using guest = await python.boot({ 'index.py': '' });
  const failure = await guest.specialise({ handler: { file: 'index.py', export: 'handler' } });
  assert.match(failure!.message, /does not speak the dialect "fetch"/);
});

test('a function that comes while the guest still warms up does not wait for that', async () => {
  await using guest = await python.boot({
    'index.py': 'def handler(event, context):\n    return event["data"]["path"]',
  });
  // Before it has said that it booted.
  const failure = await guest.specialise({
    handler: { file: 'index.py', export: 'handler' },
    dialect: 'event',
  });
  assert.equal(failure, null);
  assert.equal((await guest.invoke()).body.toString(), '"/cart"');
});

test('modules with names that no import can say, nested exports and packages are found', async () => {
  for (const [file, name] of [
    ['my-function.py', 'handler'],
    ['v1.2/index.py', 'handler'],
    ['json.py', 'api.handler'],
    ['pack/__init__.py', 'handler'],
  ] as const) {
    const code =
      'class api:\n    @staticmethod\n    def handler(event, context): return 1\n\nhandler = api.handler';
    await using guest = await python.load({ [file]: code }, { handler: { file, export: name } });
    assert.equal(await guest.invokeEvent(null), 1, file);
  }
});
