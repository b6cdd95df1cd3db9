import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import { makeLive } from '../../src/cli/deployment.ts';
import { Interrupted } from '../../src/cli/shell.ts';
import { StubNode, sendJson, sendProblem } from './stub-node.ts';
import { runInShell, type ShellGiven } from './test-shell.ts';

const DEPLOY = 'POST /v1/apps/shop/releases';
const answer = {
  app: 'shop',
  environment: 'production',
  release: 'r-0123456789ab',
  state: 'live',
  functions: [
    { name: 'a', version: 'v', runtime: 'nodejs24', dialect: 'fetch', urls: ['http://shop.localhost/a'] },
  ],
};
const stage = (name: string, message: string) => ({ event: 'stage', stage: name, at: 1, message });
const problem = {
  code: 'SMOKE_FAILED',
  status: 422,
  detail: 'GET /health answered 500.',
  title: 'smoke failed',
  hint: '',
};

let node: StubNode;
let root: string;
let folder: string;

before(async () => {
  node = await StubNode.start();
  root = mkdtempSync(join(tmpdir(), 'cli-deploy-'));
  folder = join(root, 'shop');
  mkdirSync(join(folder, 'functions'), { recursive: true });
  writeFileSync(join(folder, 'functions', 'a.ts'), 'export default () => 1;\n');
});
beforeEach(() => {
  node.requests.length = 0;
  writeFileSync(join(folder, 'mayfly.yaml'), 'name: shop\n');
  node.json('POST /v1/blobs/missing', { missing: [] });
  answers(stage('check', 'Checking'), { event: 'done', at: 2, answer });
});
after(async () => {
  await node.close();
  rmSync(root, { recursive: true });
});

function answers(...events: unknown[]): void {
  node.on(DEPLOY, (_request, response) => begin(response, events).end());
}

function begin(response: ServerResponse, events: readonly unknown[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const event of events) response.write(`${JSON.stringify(event)}\n`);
  return response;
}

function run(words: string[], given: ShellGiven = {}) {
  return runInShell(['deploy', ...words], {
    cwd: folder,
    ...given,
    env: { MAYFLY_URL: node.url, MAYFLY_TOKEN: node.token, ...given.env },
  });
}

function request() {
  const { manifest, artifacts, ...rest } = JSON.parse(String(node.requests.at(-1)!.body));
  assert.equal(manifest.app, 'shop');
  assert.equal(artifacts.length, 1);
  return rest;
}

async function asked(words: string[], given: ShellGiven = {}) {
  const result = await run(words, given);
  assert.equal(result.code, 0, result.stderr);
  return request();
}

async function refused(words: string[], message: RegExp, given: ShellGiven = {}): Promise<void> {
  node.requests.length = 0;
  const result = await run(words, given);
  assert.equal(result.code, 2, result.stderr);
  assert.match(result.stderr, message);
  assert.ok(!node.requests.some(({ path }) => path.endsWith('/releases')), words.join(' '));
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('what deploy asks for', () => {
  it('by default: make it live in production', async () => {
    assert.deepEqual(await asked([]), { environment: 'production' });
    assert.match(String(node.requests.at(-1)!.headers.accept), /^application\/x-ndjson/);
    assert.deepEqual(await asked(['--env', 'staging', '-m', 'cart', '--allow-destroy']), {
      environment: 'staging',
      message: 'cart',
      allowDestroy: true,
    });
  });

  it('--no-activate, --canary with steps, --canary as configured', async () => {
    assert.deepEqual(await asked(['--no-activate']), { environment: 'production', activate: 'no' });
    const own = await asked(['--canary', '10%']);
    assert.equal(own.activate, 'canary');
    assert.deepEqual(own.canary.steps, [{ weight: 1_000, holdMs: null }]);
    assert.deepEqual(own.canary.key, { kind: 'cookie' });
    writeFileSync(
      join(folder, 'mayfly.yaml'),
      'name: shop\ncanary: { steps: 25%, key: address, guards: off }\n',
    );
    assert.deepEqual(await asked(['--canary']), { environment: 'production', activate: 'canary' });
    const mixed = await asked(['--canary=5% 10m, 100%']);
    assert.deepEqual(mixed.canary.key, { kind: 'address' });
    assert.equal(mixed.canary.guards.errors, null);
    assert.deepEqual(mixed.canary.steps, [
      { weight: 500, holdMs: 600_000 },
      { weight: 10_000, holdMs: null },
    ]);
  });

  it('flags that exclude each other or mean nothing are refused before anything is built', async () => {
    await refused(['--preview', 'x', '--env', 'y'], /--preview and --env exclude each other/);
    await refused(['--no-activate', '--canary', '5%'], /--no-activate and --canary exclude each other/);
    await refused(['--json', '--events'], /--json and --events exclude each other/);
    await refused(['--canary', 'soon'], /--canary: "soon" is no list of steps such as "5% 10m/);
    await refused(['--canary', '50%, 10%'], /goes from 50% to 10%/);
    await refused(['--preview', './shop'], /"\.\/shop" cannot be the name of an environment/);
    await refused(['--preview', 'production'], /"production" is no preview/);
    assert.equal(node.requests.length, 0);
    await refused(['--canary'], /shop has no "canary" in its configuration; say which: --canary 10%/);
  });
});

describe('deploy --preview', () => {
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], {
      stdio: 'pipe',
    });
  const env = { GIT_CEILING_DIRECTORIES: tmpdir() };

  it('takes the name given, and outside Git needs one', async () => {
    assert.deepEqual(await asked(['--preview', 'cart']), { environment: 'cart', kind: 'preview' });
    await refused(['--preview'], /is in no Git repository; name the preview: --preview NAME/, { env });
  });

  it('else is named after the branch, also before the first commit; a detached head has no name', async () => {
    git('init', '-q', '-b', 'feature/Fast_Cart');
    try {
      const changed = await asked(['--preview'], { env });
      assert.match(changed.environment, /^feature-fast-cart-[0-9a-f]{8}$/);
      assert.equal(changed.kind, 'preview');
      git('checkout', '-q', '--orphan', 'cart');
      assert.equal((await asked(['--preview'], { env })).environment, 'cart');
      git('commit', '-q', '--allow-empty', '-m', 'one');
      git('checkout', '-q', '--detach');
      await refused(['--preview'], /No branch is checked out/, { env });
      git('checkout', '-q', '-b', 'production');
      assert.match((await asked(['--preview'], { env })).environment, /^production-[0-9a-f]{8}$/);
      git('checkout', '-q', '-b', `long/${'branch-'.repeat(12)}`.slice(0, -1));
      const { environment } = await asked(['--preview'], { env });
      assert.match(environment, /^long-branch-.*-[0-9a-f]{8}$/);
      assert.ok(`shop--${environment}`.length <= 63);
    } finally {
      rmSync(join(folder, '.git'), { recursive: true });
    }
  });
});

describe('how deploy tells what it does', () => {
  it('for people: a line a stage as it comes on stderr, and what came of it on stdout', async () => {
    answers(stage('check', '2 functions'), stage('smoke', 'GET /health\u001b[2J'), {
      event: 'done',
      at: 2,
      answer,
    });
    const { stdout, stderr } = await run([]);
    assert.equal(stderr, 'Building …\nChecking: 2 functions …\nTesting: GET /health[2J …\n');
    assert.match(stdout, /Release r-0123456789ab of shop is live in production \(/);
  });

  it('what is not live says how it gets there', async () => {
    answers({ event: 'done', at: 2, answer: { ...answer, state: 'inactive' } });
    const kept = await run(['--no-activate', '--env', 'staging']);
    assert.match(
      kept.stdout,
      /is kept and serves nobody; "mayfly promote r-0123456789ab --env production" makes it live/,
    );
    answers({ event: 'done', at: 2, answer: { ...answer, state: 'canary' } });
    const trial = await run(['--canary', '12.5%']);
    assert.match(
      trial.stdout,
      /serves 12\.5% of the clients in production; "mayfly canary status" follows it/,
    );
  });

  it('--json is the one document; a node that answers with it alone is understood', async () => {
    assert.deepEqual(JSON.parse((await run(['--json'])).stdout), answer);
    node.on(DEPLOY, (_request, response) => sendJson(response, 200, answer));
    assert.deepEqual(JSON.parse((await run(['--json'])).stdout), answer);
  });

  it('--events is a line an event, the last one done with the answer', async () => {
    node.on('POST /v1/blobs/missing', (asking, response) => {
      const { sha256: all } = JSON.parse(String(asking.body));
      sendJson(response, 200, { missing: all });
      for (const digest of all) {
        node.on(`PUT /v1/blobs/${digest}`, (_request, uploaded) => uploaded.writeHead(204).end());
      }
    });
    const { stdout, stderr } = await run(['--events']);
    const events = lines(stdout);
    assert.deepEqual(
      events.map(({ event, stage: name }) => name ?? event),
      ['build', 'upload', 'check', 'done'],
    );
    assert.deepEqual(events.at(-1).answer, answer);
    assert.equal(stderr, '');
  });

  it('a deploy that fails on the way exits with 1 and its own code', async () => {
    answers(stage('smoke', 'GET /health'), { event: 'failed', at: 2, problem });
    const text = await run([]);
    assert.equal(text.code, 1);
    assert.equal(text.stdout, '');
    assert.match(text.stderr, /GET \/health answered 500\. \[SMOKE_FAILED\]/);
    const events = await run(['--events']);
    assert.equal(events.code, 1);
    const last = lines(events.stdout).at(-1);
    assert.deepEqual([last.event, last.problem.code], ['failed', 'SMOKE_FAILED']);
    assert.equal(JSON.parse(events.stderr).code, 'SMOKE_FAILED');
  });

  it('what is live already is an error', async () => {
    node.on(DEPLOY, (_request, response) =>
      sendProblem(response, 409, 'ALREADY_LIVE', 'r-1 serves already.'),
    );
    const { code, stderr } = await run([]);
    assert.equal(code, 1);
    assert.match(stderr, /\[ALREADY_LIVE\]/);
  });

  it('to whoever only wants it live, as dev does, it is none', async () => {
    node.on(DEPLOY, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      const refusal = { ...problem, code: 'ALREADY_LIVE', status: 409, details: { answer } };
      response.end(`${JSON.stringify({ event: 'failed', at: 2, problem: refusal })}\n`);
    });
    const built = await buildApp(await loadApp(folder));
    const client = new ApiClient({ url: node.url, token: node.token }, new AbortController().signal);
    assert.deepEqual(await makeLive(client, built, { environment: 'production' }), answer);
    answers({ event: 'failed', at: 2, problem });
    await assert.rejects(makeLive(client, built, { environment: 'production' }), { code: 'SMOKE_FAILED' });
    client.close();
  });

  it('a build that fails is told in the same ways, and nothing is asked', async () => {
    writeFileSync(join(folder, 'mayfly.yaml'), 'canary: 5%, 4%\n');
    const events = await run(['--events']);
    assert.equal(events.code, 1);
    const last = lines(events.stdout).at(-1);
    assert.deepEqual([last.event, last.problem.code], ['failed', 'CONFIG_INVALID']);
    assert.equal(node.requests.length, 0);
  });

  it('a node that breaks off, and one that ends without a word, are failures', async () => {
    node.on(DEPLOY, (_request, response) => {
      begin(response, []).write(`${JSON.stringify(stage('check', 'Checking'))}\n`, () => response.destroy());
    });
    assert.match((await run([])).stderr, /\[NODE_UNREACHABLE\]/);
    answers(stage('check', 'Checking'));
    const silent = await run([]);
    assert.equal(silent.code, 1);
    assert.match(silent.stderr, /broke off before it said how the deploy ended/);
  });
});

describe('Ctrl-C', () => {
  it('while files travel stops the deploy; nothing is asked of the node', async () => {
    const interrupt = new AbortController();
    node.on('POST /v1/blobs/missing', () => interrupt.abort(new Interrupted('SIGINT')));
    const { code, stderr } = await run([], { signal: interrupt.signal });
    assert.equal(code, 130);
    assert.doesNotMatch(stderr, /goes on/);
    assert.ok(!node.requests.some(({ path }) => path.endsWith('/releases')));
  });

  it('after the node took over says that the deploy goes on there', async () => {
    const interrupt = new AbortController();
    node.on(DEPLOY, (_request, response) => {
      begin(response, [stage('warm', 'a')]);
    });
    let told = '';
    const { code, stderr } = await run([], {
      signal: interrupt.signal,
      onStderr: (text) => {
        told += text;
        if (told.includes('Warming: a')) interrupt.abort(new Interrupted('SIGINT'));
      },
    });
    assert.equal(code, 130);
    assert.match(stderr, /The node has taken over and goes on with it; "mayfly releases list"/);
  });
});
