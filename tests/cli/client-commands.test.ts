import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { StubNode, sendJson, sendProblem } from './stub-node.ts';
import { runInShell, type ShellGiven } from './test-shell.ts';

let node: StubNode;
let folder: string;

before(async () => {
  node = await StubNode.start();
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
});
beforeEach(() => {
  node.requests.length = 0;
});
after(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});

/** Against the stub node, by variables. */
function run(words: string[], given: ShellGiven = {}) {
  return runInShell(words, {
    cwd: folder,
    ...given,
    env: { MAYFLY_URL: node.url, MAYFLY_TOKEN: node.token, ...given.env },
  });
}

const variables = 'PUT /v1/apps/shop/environments/production/variables';

describe('what the commands send and print', () => {
  const app = {
    app: 'shop',
    environment: 'production',
    release: 'r-1',
    activatedAt: 0,
    functions: ['a', 'b'],
    url: 'http://shop.localhost:8080',
  };

  it('list: a table for people, the document with --json', async () => {
    node.json('GET /v1/apps', { apps: [app] });
    const text = await run(['list']);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /^app +environment +release/);
    assert.match(text.stdout, /shop +production +r-1 .* a, b +http:\/\/shop\.localhost:8080\n$/);
    const json = await run(['list', '--json']);
    assert.deepEqual(JSON.parse(json.stdout), { apps: [app] });
  });

  it('the only app of the node is meant when none is named; of several none is', async () => {
    node.json('GET /v1/apps', { apps: [app, { ...app, environment: 'preview-1' }] });
    node.json('GET /v1/apps/shop/releases', { releases: [] });
    assert.equal((await run(['releases', 'list'])).code, 0);
    node.json('GET /v1/apps', { apps: [app, { ...app, app: 'other' }] });
    const several = await run(['releases', 'list']);
    assert.equal(several.code, 2);
    assert.match(several.stderr, /Which app\? Give --app: shop, other\./);
  });

  it('env set sends plain variables, keeps "=" in values, and honours --env and --function', async () => {
    node.json('PUT /v1/apps/shop/environments/preview-1/variables', { changed: 2 });
    const words = ['env', 'set', 'A=1', 'B=x=y', '--app', 'shop', '--env', 'preview-1', '--function', 'pay'];
    const result = await run(words);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(JSON.parse(String(node.requests.at(-1)!.body)), {
      set: [
        { name: 'A', value: '1', secret: false, function: 'pay' },
        { name: 'B', value: 'x=y', secret: false, function: 'pay' },
      ],
    });
    assert.equal(result.stdout, 'Set A, B in shop (preview-1).\n');
  });

  it('secret set takes the value from stdin or the word, and never prints it', async () => {
    node.json(variables, { changed: 1 });
    const piped = await run(['secret', 'set', 'KEY', '--app', 'shop'], { stdin: 'hush hush\n' });
    assert.equal(piped.code, 0, piped.stderr);
    assert.deepEqual(JSON.parse(String(node.requests.at(-1)!.body)).set, [
      { name: 'KEY', value: 'hush hush', secret: true },
    ]);
    const given = await run(['secret', 'set', 'KEY=hush hush', '--app', 'shop', '--json']);
    assert.equal(JSON.parse(String(node.requests.at(-1)!.body)).set[0].value, 'hush hush');
    assert.doesNotMatch(piped.stdout + piped.stderr + given.stdout + given.stderr, /hush/);
  });

  it('a secret that cannot be one is refused without printing it', async () => {
    const result = await run(['secret', 'set', 'not a name=hush', '--app', 'shop']);
    assert.equal(result.code, 2);
    assert.doesNotMatch(result.stdout + result.stderr, /hush|not a name/);
    assert.equal(node.requests.length, 0);
  });

  it('env list leaves secrets to secret list', async () => {
    const item = (name: string, secret: boolean) => ({
      name,
      secret,
      function: '',
      value: secret ? null : 'v',
      updatedAt: 0,
    });
    node.json('GET /v1/apps/shop/environments/production/variables', {
      variables: [item('OPEN', false), item('SHUT', true)],
    });
    const env = await run(['env', 'list', '--json'], { env: { MAYFLY_APP: 'shop' } });
    assert.deepEqual(
      JSON.parse(env.stdout).variables.map((variable: { name: string }) => variable.name),
      ['OPEN'],
    );
    const secret = await run(['secret', 'list'], { env: { MAYFLY_APP: 'shop' } });
    assert.match(secret.stdout, /SHUT +\(hidden\) +\(all\)/);
    assert.doesNotMatch(secret.stdout, /OPEN/);
  });

  it('invoke sends --data as JSON when it is JSON, and prints the bytes that come back', async () => {
    const route = 'POST /v1/apps/shop/environments/production/functions/pay/invocations';
    node.on(route, (request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-mayfly-request-id': 'q1',
        'x-mayfly-outcome': 'ok',
        'x-mayfly-cold': 'true',
        'x-mayfly-duration-ms': '1.25',
        'x-mayfly-billed-ms': '2',
      });
      response.end(request.body);
    });
    const text = await run(['invoke', 'pay', '--app', 'shop', '--data', '{"a":1}']);
    assert.equal(text.stdout, '{"a":1}');
    assert.match(text.stderr, /cold, 1\.3 ms, billed 2 ms, request q1/);
    assert.equal(node.requests.at(-1)!.headers['content-type'], 'application/json');

    const json = await run(['invoke', 'pay', '--app', 'shop', '--json'], { stdin: '[1]' });
    assert.deepEqual(JSON.parse(json.stdout), {
      app: 'shop',
      environment: 'production',
      function: 'pay',
      requestId: 'q1',
      outcome: 'ok',
      cold: true,
      durationMs: 1.25,
      billedMs: 2,
      contentType: 'application/json',
      result: [1],
    });

    writeFileSync(join(folder, 'payload.bin'), Buffer.from([0, 255, 1]));
    await run(['invoke', 'pay', '--app', 'shop', '--file', 'payload.bin']);
    assert.deepEqual([...node.requests.at(-1)!.body], [0, 255, 1]);
    assert.equal(node.requests.at(-1)!.headers['content-type'], 'application/octet-stream');
  });

  it('invoke --async prints the id under which the call stands on disk', async () => {
    const route = 'POST /v1/apps/shop/environments/production/functions/pay/invocations';
    node.on(route, (_request, response) => sendJson(response, 202, { requestId: 'q9' }));
    const result = await run(['invoke', 'pay', '--async', '--app', 'shop', '--data', '1']);
    assert.equal(result.stdout, 'q9\n');
    assert.equal(node.requests.at(-1)!.query.get('async'), 'true');
  });

  it('a function that fails makes invoke fail with its code and the request', async () => {
    const route = 'POST /v1/apps/shop/environments/production/functions/pay/invocations';
    node.on(route, (_request, response) => {
      response.setHeader('x-mayfly-request-id', 'q2');
      sendProblem(response, 500, 'FUNCTION_THREW', 'TypeError: no card');
    });
    const text = await run(['invoke', 'pay', '--app', 'shop', '--data', 'x']);
    assert.equal(text.code, 1);
    assert.equal(text.stdout, '');
    assert.match(text.stderr, /TypeError: no card \[FUNCTION_THREW\]/);
    assert.match(text.stderr, /Request q2/);
    const json = await run(['invoke', 'pay', '--app', 'shop', '--data', 'x', '--json']);
    const problem = JSON.parse(json.stderr);
    assert.equal(problem.code, 'FUNCTION_THREW');
    assert.equal(problem.details.requestId, 'q2');
    assert.equal(json.stdout, '');
  });

  it('logs asks for what the flags say and prints a line a record', async () => {
    const line = {
      time: Date.UTC(2025, 10, 21),
      level: 'warn',
      app: 'shop',
      environment: 'production',
      function: 'pay',
      version: 'v',
      requestId: 'q1',
      message: 'careful\u001b[2J',
      fields: { card: 7 },
    };
    node.on('GET /v1/logs', (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.end(`${JSON.stringify(line)}\n`);
    });
    const words = [
      'logs',
      'pay',
      '--app',
      'shop',
      '--since',
      '2025-11-20',
      '--request',
      'q1',
      '--level',
      'warn',
    ];
    const text = await run(words);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^2025-11-2\d \d\d:\d\d:\d\d\.000 warn {2}pay careful\[2J \{"card":7\}\n$/);
    assert.deepEqual(Object.fromEntries(node.requests.at(-1)!.query), {
      app: 'shop',
      environment: 'production',
      function: 'pay',
      request: 'q1',
      level: 'warn',
      since: String(Date.UTC(2025, 10, 20)),
    });
    const json = await run(['logs', '--json']);
    assert.deepEqual(JSON.parse(json.stdout), line);
  });

  it('logs -f comes back when the node went away, and gives each line once', async () => {
    const interrupt = new AbortController();
    const line = (time: number, message: string) =>
      `${JSON.stringify({ time, level: 'info', app: 'a', environment: 'e', function: 'f', version: 'v', requestId: null, message, fields: null })}\n`;
    let connections = 0;
    node.on('GET /v1/logs', (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      if (connections++ === 0) response.write(line(5, 'one'), () => response.destroy());
      else response.write(line(5, 'one') + line(5, 'two') + line(6, 'three'));
    });
    const seen: string[] = [];
    const result = await run(['logs', '-f', '--json'], {
      signal: interrupt.signal,
      onStdout: (text) => {
        for (const row of text.trim().split('\n')) seen.push(JSON.parse(row).message);
        if (seen.includes('three')) interrupt.abort(new Error('enough'));
      },
    });
    assert.deepEqual(seen, ['one', 'two', 'three']);
    assert.equal(result.code, 1);
    assert.equal(node.requests.at(-1)!.query.get('since'), '5');
    assert.equal(node.requests.at(-1)!.query.get('follow'), 'true');
  });

  it('usage sends the price list of the file and prints totals and whose prices they are', async () => {
    const priceList = {
      name: 'Ours',
      date: '2025-01-01',
      source: 'https://example.org',
      currency: 'EUR',
      perMillionRequests: 1,
      perGbSecond: 2,
    };
    const row = {
      key: 'shop',
      calls: 3,
      errors: 1,
      coldStarts: 1,
      p50Ms: 1,
      p99Ms: 2,
      billedMs: 9,
      gbSeconds: 0.5,
      cpuMs: 4,
      cost: 1.000003,
    };
    node.on('POST /v1/usage/report', (request, response) =>
      sendJson(response, 200, {
        from: 0,
        to: 1,
        priceList: JSON.parse(String(request.body)).priceList,
        rows: [row],
        total: { ...row, key: 'total' },
      }),
    );
    writeFileSync(join(folder, 'prices.json'), JSON.stringify(priceList));
    const result = await run(['usage', '--by', 'app', '--price-list', 'prices.json', '--since', '1h']);
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /shop +3 +1 +1 +1\.00 +2\.00 +9 +0\.500000 +4\.0 +EUR 1\.00/);
    assert.match(result.stdout, /\ntotal +3/);
    assert.match(result.stdout, /Prices: Ours, as of 2025-01-01 \(https:\/\/example\.org\)/);
    const sent = JSON.parse(String(node.requests.at(-1)!.body));
    assert.equal(sent.by, 'app');
    assert.deepEqual(sent.priceList, priceList);
    assert.ok(Math.abs(Date.now() - 3_600_000 - sent.from) < 60_000);
  });

  it('token create prints the token alone on stdout', async () => {
    node.json('POST /v1/tokens', { id: 't1', token: 'secret-token' });
    const result = await run([
      'token',
      'create',
      'ci',
      '--role',
      'invoke',
      '--app',
      'a',
      'b',
      '--expires',
      '30d',
    ]);
    assert.equal(result.stdout, 'secret-token\n');
    assert.deepEqual(JSON.parse(String(node.requests.at(-1)!.body)), {
      name: 'ci',
      role: 'invoke',
      apps: ['a', 'b'],
      expiresInMs: 30 * 86_400_000,
    });
  });

  it('remove asks nobody without a terminal', async () => {
    node.on('DELETE /v1/apps/shop', (_request, response) => response.writeHead(204).end());
    const result = await run(['remove', 'shop', '--json'], { stdin: '' });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.stdout), { app: 'shop', removed: true });
  });

  it('describe shows routes and limits', async () => {
    node.json('GET /v1/apps/shop', {
      app: 'shop',
      environments: [
        {
          environment: 'production',
          release: 'r-1',
          activatedAt: 0,
          url: 'http://shop.localhost:8080',
          functions: [
            {
              name: 'pay',
              version: 'abc',
              runtime: 'nodejs24',
              dialect: 'fetch',
              urls: [],
              handler: 'pay.mjs#default',
              artifact: 'f',
              limits: { memoryMb: 128, timeoutMs: 1_500 },
              routes: [{ method: 'GET', pattern: '/pay/:id' }],
            },
          ],
        },
      ],
    });
    const result = await run(['describe', 'shop']);
    assert.match(result.stdout, /pay +abc +nodejs24 +fetch +128 MB +1\.5 s +GET \/pay\/:id/);
  });
});
