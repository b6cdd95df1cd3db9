import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ended, MayflyProcess, mayfly } from './mayfly-process.ts';

/** A real node and the real program, as a user has them. The tests stand in the order in which one would work. */
let folder: string;
let app: string;
let node: MayflyProcess;
let gateway: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-node-'));
  app = join(folder, 'shop');
  write(
    'greet.ts',
    'export default () => { console.log("greeted"); return { greeting: process.env.GREETING ?? "none", key: process.env.KEY?.length ?? 0 }; };',
  );
  write('echo.ts', 'export default async (request: Request) => new Response(request.body);');
  write('event.ts', 'export default (event: { data?: unknown }) => ({ got: event });');
  write('broken.ts', 'export default () => { throw new TypeError("on purpose"); };');
  writeFileSync(join(app, 'mayfly.yaml'), 'functions:\n  event:\n    dialect: event\n');
  node = new MayflyProcess(
    [
      'up',
      '--json',
      '--data',
      '.mayfly',
      '--gateway-port',
      '0',
      '--control-port=0',
      '--edge-port=0',
      '--isolation',
      'process',
    ],
    { cwd: folder },
  );
  ({ gateway } = JSON.parse(await node.line()));
});
after(async () => {
  await node.stop();
  rmSync(folder, { recursive: true });
});

function write(file: string, source: string): void {
  mkdirSync(join(app, 'functions'), { recursive: true });
  writeFileSync(join(app, 'functions', file), source);
}

const run = (...words: string[]): Promise<Ended> => mayfly(words, { cwd: app });

async function json(...words: string[]) {
  const result = await run(...words, '--json');
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
}

describe('a node and the commands that speak to it', () => {
  it('deploy prints exactly what was promised, and it is live', async () => {
    const answer = await json('deploy');
    assert.deepEqual(Object.keys(answer), ['app', 'environment', 'release', 'state', 'functions']);
    assert.equal(answer.app, 'shop');
    assert.equal(answer.environment, 'production');
    for (const item of answer.functions) {
      assert.deepEqual(Object.keys(item), ['name', 'version', 'runtime', 'dialect', 'urls']);
    }
    assert.deepEqual(
      answer.functions.map((item: { name: string }) => item.name),
      ['broken', 'echo', 'event', 'greet'],
    );
    const response = await fetch(`${gateway}/@shop/greet`);
    assert.deepEqual(await response.json(), { greeting: 'none', key: 0 });
  });

  it('deploy for people: a table and one line that says what is live', async () => {
    write('echo.ts', 'export default (request: Request) => new Response(request.body);');
    const result = await mayfly(['deploy', app, '-m', 'again'], { cwd: folder });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^function +methods +url\n/);
    assert.match(result.stdout, /greet +ANY +http:\/\/shop\.localhost:\d+\/greet/);
    assert.match(result.stdout, /Release r-\w+ of shop is live in production \(.*\)\.\n$/);
  });

  it('list, describe, releases and status tell the same', async () => {
    const [list, description, releases, status] = [
      await json('list'),
      await json('describe'),
      await json('releases', 'list'),
      await json('status'),
    ];
    assert.equal(list.apps[0].app, 'shop');
    assert.equal(description.environments[0].release, list.apps[0].release);
    assert.equal(releases.releases.length, 2);
    assert.deepEqual(releases.releases[0].activeIn, ['production']);
    assert.equal(releases.releases[0].message, 'again');
    assert.equal(status.functions, 4);
    assert.equal(status.listeners.gateway, gateway);
  });

  it('env and secrets reach the function; a secret is never printed', async () => {
    await json('env', 'set', 'GREETING=Hello');
    const set = await mayfly(['secret', 'set', 'KEY'], { cwd: app, stdin: 'sesame-open\n' });
    assert.equal(set.code, 0, set.stderr);
    const response = await fetch(`${gateway}/@shop/greet`);
    assert.deepEqual(await response.json(), { greeting: 'Hello', key: 'sesame-open'.length });
    const outputs = [
      set,
      await run('secret', 'list'),
      await run('secret', 'list', '--json'),
      await run('env', 'list', '--json'),
      await run('describe', '--json'),
    ];
    for (const output of outputs) assert.doesNotMatch(output.stdout + output.stderr, /sesame/);
    assert.match(outputs[1]!.stdout, /KEY +\(hidden\)/);
    await json('env', 'unset', 'GREETING');
    await json('secret', 'unset', 'KEY');
    assert.deepEqual(await (await fetch(`${gateway}/@shop/greet`)).json(), { greeting: 'none', key: 0 });
  });

  it('invoke, then logs of that very call', async () => {
    const result = await json('invoke', 'greet', '--data', '{}');
    assert.equal(result.outcome, 'ok');
    assert.equal(result.result.greeting, 'none');
    const lines = await eventuallyLines(['logs', 'greet', '--request', result.requestId, '--json']);
    assert.equal(lines[0]!.message, 'greeted');
    assert.equal(lines[0]!.requestId, result.requestId);
  });

  it('invoke passes the payload from stdin', async () => {
    const result = await mayfly(['invoke', 'event'], { cwd: app, stdin: '{"n":7}' });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /"n":7/);
  });

  it('a function that throws: exit 1, its code, its message, and the stack in the log', async () => {
    const result = await run('invoke', 'broken', '--data', '{}', '--json');
    assert.equal(result.code, 1);
    assert.equal(result.stdout, '');
    const problem = JSON.parse(result.stderr);
    assert.equal(problem.code, 'FUNCTION_THREW');
    assert.match(problem.detail, /on purpose/);
    const lines = await eventuallyLines(['logs', '--request', problem.details.requestId, '--json']);
    assert.ok(lines.some((line) => JSON.stringify(line).includes('functions/broken.ts')));
  });

  it('logs -f shows what comes, and Ctrl-C ends it with 130', async () => {
    const follow = new MayflyProcess(['logs', '-f', '--json'], { cwd: app });
    // Called until the follower, which may still be connecting, has seen one.
    let seen = false;
    const line = follow
      .line((text) => text.includes('greeted'))
      .then((text) => {
        seen = true;
        return text;
      });
    while (!seen) {
      await fetch(`${gateway}/@shop/greet`);
      await Promise.race([line, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    assert.equal(JSON.parse(await line).function, 'greet');
    assert.equal((await follow.stop('SIGINT')).code, 130);
  });

  it('usage counts every call', async () => {
    const before = await json('usage', '--by', 'function', '--app', 'shop');
    for (let call = 0; call < 3; call++) await fetch(`${gateway}/@shop/echo`, { method: 'POST', body: 'x' });
    const report = await json('usage', '--by', 'function', '--app', 'shop');
    const calls = (usage: typeof report) =>
      usage.rows.find((row: { key: string }) => row.key.includes('echo'))?.calls ?? 0;
    assert.equal(calls(report) - calls(before), 3);
    assert.equal(report.total.calls - before.total.calls, 3);
    const text = await run('usage');
    assert.match(text.stdout, /Prices: .*, as of \d{4}-\d{2}-\d{2}/);
  });

  it('a price list of one’s own is used; one that is none is refused', async () => {
    const file = join(folder, 'prices.yaml');
    writeFileSync(
      file,
      'name: Ours\ndate: "2025-01-01"\nsource: https://example.org\ncurrency: EUR\nperMillionRequests: 1000000\nperGbSecond: 0\n',
    );
    const report = await json('usage', '--price-list', file);
    assert.equal(report.total.cost, report.total.calls);
    writeFileSync(file, 'name: Ours\n');
    const refused = await run('usage', '--price-list', file);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /VALIDATION_FAILED/);
  });

  it('a token is worth its role until it is revoked', async () => {
    const created = await run('token', 'create', 'reader', '--role', 'read');
    assert.equal(created.code, 0, created.stderr);
    const env = { MAYFLY_TOKEN: created.stdout.trim() };
    assert.equal((await mayfly(['list'], { cwd: app, env })).code, 0);
    const refused = await mayfly(['deploy'], { cwd: app, env });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /\[FORBIDDEN\]/);
    const { tokens } = await json('token', 'list');
    const id = tokens.find((token: { name: string }) => token.name === 'reader').id;
    assert.doesNotMatch(JSON.stringify(tokens), new RegExp(created.stdout.trim()));
    assert.equal((await run('token', 'revoke', id)).code, 0);
    assert.match((await mayfly(['list'], { cwd: app, env })).stderr, /\[TOKEN_INVALID\]/);
  });

  it('a wrong configuration and broken code name their place, and what is live stays live', async () => {
    const { apps } = await json('list');
    write('syntax.ts', 'export default () => {\n  return 1 +;\n};\n');
    const build = await run('deploy');
    assert.equal(build.code, 1);
    assert.match(build.stderr, /functions\/syntax\.ts:2:\d+.*\[BUILD_FAILED\]/s);
    rmSync(join(app, 'functions', 'syntax.ts'));
    writeFileSync(join(app, 'mayfly.yaml'), 'functions:\n  event:\n    dialect: event\n    memroy: 1GB\n');
    const config = await run('deploy');
    assert.equal(config.code, 1);
    assert.match(config.stderr, /mayfly\.yaml:4.*memory.*\[CONFIG_INVALID\]/s);
    writeFileSync(join(app, 'mayfly.yaml'), 'functions:\n  event:\n    dialect: event\n');
    assert.deepEqual(await json('list'), { apps });
  });

  it('a second node on the same folder, and a port that is taken, are refused in one sentence', async () => {
    const locked = await mayfly(['up', '--data', '.mayfly', '--isolation', 'process'], { cwd: folder });
    assert.equal(locked.code, 1);
    assert.match(locked.stderr, /\[DATA_LOCKED\]/);
    const words = [
      'up',
      '--data',
      'other',
      '--isolation',
      'process',
      '--control-port',
      '0',
      '--edge-port',
      '0',
    ];
    const taken = await mayfly([...words, '--gateway-port', new URL(gateway).port], { cwd: folder });
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /\[PORT_TAKEN\]/);
    const wrong = await mayfly(['up', '--data', 'other', '--gateway-port', 'eighty'], { cwd: folder });
    assert.match(wrong.stderr, /--gateway-port: "eighty" is not .*\[CONFIG_INVALID\]/);
  });

  it('remove takes the app off', async () => {
    assert.equal((await run('remove', 'shop')).code, 0);
    assert.equal((await fetch(`${gateway}/@shop/greet`)).status, 404);
    assert.match((await run('remove', 'shop')).stderr, /\[(APP_)?NOT_FOUND\]/);
  });
});

/** Log lines reach the store a moment after their call has ended. */
async function eventuallyLines(words: string[]): Promise<Record<string, unknown>[]> {
  const until = Date.now() + 10_000;
  for (;;) {
    const { stdout } = await run(...words);
    if (stdout !== '')
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    assert.ok(Date.now() < until, 'the lines never came');
  }
}
