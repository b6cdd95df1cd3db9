import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { StubNode, sendProblem } from './stub-node.ts';
import { runInShell, type ShellGiven } from './test-shell.ts';

let node: StubNode;

before(async () => {
  node = await StubNode.start();
});
beforeEach(() => {
  node.requests.length = 0;
});
after(async () => {
  await node.close();
});

/** Against the stub node, by variables. */
function run(words: string[], given: ShellGiven = {}) {
  return runInShell(words, {
    ...given,
    env: { MAYFLY_URL: node.url, MAYFLY_TOKEN: node.token, ...given.env },
  });
}

describe('failures', () => {
  it('the node’s problem keeps its code; exit code 1', async () => {
    node.on('GET /v1/apps/none', (_request, response) =>
      sendProblem(response, 404, 'APP_NOT_FOUND', 'No app "none".'),
    );
    const text = await run(['describe', 'none']);
    assert.equal(text.code, 1);
    assert.equal(text.stdout, '');
    assert.match(text.stderr, /^error No app "none"\. \[APP_NOT_FOUND\]\n {2}\S/);
  });

  it('a wrong token, a foreign server, nobody there: each is one clear sentence', async () => {
    assert.match((await run(['list'], { env: { MAYFLY_TOKEN: 'wrong' } })).stderr, /\[TOKEN_INVALID\]/);
    assert.match(
      (await run(['list', '--url', 'http://127.0.0.1:1'])).stderr,
      /No node answers at .* \[NODE_UNREACHABLE\]/,
    );
    node.on('GET /v1/apps', (_request, response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<p>'),
    );
    assert.match(
      (await run(['list'])).stderr,
      /answered 502, but not as a Mayfly control API does.*\[NODE_UNREACHABLE\]/,
    );
  });

  it('a wrong command line exits with 2 and names what is near', async () => {
    const cases: [string[], RegExp][] = [
      [['deplyo'], /Did you mean deploy\?/],
      [['list', '--jsno'], /Did you mean --json\?/],
      [['invoke'], /Missing required argument 'function'/],
      [['invoke', 'pay', '--data', 'x', '--file', 'y', '--app', 'shop'], /exclude each other/],
      [['usage', '--by', 'moon'], /Allowed choices are app, function, day/],
      [['usage', '--since', 'soon'], /no span of time/],
      [['env', 'set', 'novalue', '--app', 'shop'], /not of the form NAME=VALUE/],
      [['remove', 'Not_A_Name'], /cannot be the name/],
      [['logs', '--limit', '0'], /--limit is a whole number/],
    ];
    for (const [words, message] of cases) {
      const result = await run(words);
      assert.equal(result.code, 2, words.join(' '));
      assert.match(result.stderr, message);
      assert.match(result.stderr, /\[USAGE\]/);
      assert.equal(result.stdout, '');
    }
  });

  it('with --json a failure is one problem document on stderr', async () => {
    const result = await run(['deplyo', '--json']);
    assert.equal(result.code, 2);
    assert.equal(JSON.parse(result.stderr).code, 'USAGE');
  });

  it('a group without its verb shows its help and exits with 2', async () => {
    const result = await run(['env']);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /Usage: mayfly env/);
  });
});

describe('doctor', () => {
  const fact = (check: string, ok: boolean, fix: string | null = null) => ({
    check,
    ok,
    detail: `${check}.`,
    fix,
  });
  const machine = (...facts: ReturnType<typeof fact>[]) => ({ host: { examineMachine: async () => facts } });

  it('prints checks and fixes; exits 1 when nothing can be sandboxed', async () => {
    const bad = await runInShell(
      ['doctor'],
      machine(fact('bubblewrap', false, 'apt-get install bubblewrap')),
    );
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /bubblewrap +lacking +bubblewrap\./);
    assert.match(bad.stdout, / {2}bubblewrap: apt-get install bubblewrap/);
    assert.match(bad.stderr, /\[SANDBOX_FAILED\]/);
  });

  it('what only makes a sandbox better is no failure', async () => {
    const facts = [fact('bubblewrap', true), fact('memory bound', false, 'systemd-run mayfly up')];
    const good = await runInShell(['doctor', '--json'], machine(...facts));
    assert.equal(good.code, 0);
    assert.deepEqual(JSON.parse(good.stdout), { sandboxPossible: true, checks: facts });
  });
});
