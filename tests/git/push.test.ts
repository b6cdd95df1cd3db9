import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runInShell } from '../cli/test-shell.ts';
import { TestNode } from '../harness/test-node.ts';
import { Author } from './author.ts';

const answering = (text: string): string => `export default () => new Response('${text}');\n`;
const TESTED = JSON.stringify({ name: 'shop', private: true, scripts: { test: 'node check.js' } });

describe('git push', { concurrency: false }, () => {
  let node: TestNode;
  let author: Author;
  let first: string;
  let second: string;

  before(async () => {
    node = await TestNode.start();
    author = await Author.start(join(node.folder, 'clone'));
    first = await author.commit({
      'mayfly.yaml': 'name: shop\n',
      'functions/hello.ts': answering('one'),
      'package.json': TESTED,
      'check.js': 'console.log("all is well", process.env.MAYFLY_TOKEN ?? "without a token");\n',
    });
  });
  after(() => node.close());

  const live = async (path = '/@shop/hello'): Promise<string> => (await node.ask(path)).text;
  const tip = async (ref = 'main'): Promise<string | undefined> => {
    const { stdout } = await author.git('ls-remote', 'mayfly', `refs/heads/${ref}`);
    return stdout.split('\t')[0];
  };

  it('is set up by mayfly git init, with the token in no place that Git shows', async () => {
    const result = await runInShell(['git', 'init', '--json'], {
      cwd: author.folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: author.folder,
        MAYFLY_URL: node.controlUrl,
        MAYFLY_TOKEN: node.token,
      },
    });
    assert.equal(result.code, 0, result.stderr);
    const answer = JSON.parse(result.stdout) as { app: string; created: boolean; token: string; url: string };
    assert.deepEqual([answer.app, answer.created], ['shop', true]);
    assert.equal(answer.url, `${node.controlUrl}/v1/apps/shop/git`);
    const shown = (await author.git('config', '--list')).stdout;
    assert.ok(!shown.includes(node.token) && !shown.includes('mayfly_'), shown);
    const { mode } = await stat(join(author.folder, '.git', 'mayfly-credentials'));
    assert.equal(mode & 0o777, 0o600);
  });

  it('builds, tests and deploys, and says so while it does', async () => {
    const { stderr } = await author.git('push', 'mayfly', 'main');
    assert.match(stderr, /remote: Testing: npm test/);
    assert.match(stderr, /remote: +all is well without a token/);
    assert.match(stderr, /remote: Release r-[0-9a-f]{12} is live: http:\/\/shop\.localhost/);
    assert.equal(await live(), 'one');
    assert.equal(await tip(), first);
  });

  it('is refused when a test fails: the old release is live and the branch has not moved', async () => {
    const good = await author.git('rev-parse', 'HEAD');
    await author.commit({ 'functions/hello.ts': answering('two'), 'check.js': 'process.exit(3);\n' });
    const { code, stderr } = await author.tryGit('push', 'mayfly', 'main');
    assert.notEqual(code, 0);
    assert.match(stderr, /remote: error: "npm test" failed with exit code \d+\. \[BUILD_FAILED\]/);
    assert.match(stderr, /pre-receive hook declined/);
    assert.equal(await live(), 'one');
    assert.equal(await tip(), good.stdout.trim());
  });

  it('is refused when the source does not build', async () => {
    await author.commit({ 'functions/hello.ts': 'export default () => {{;\n', 'check.js': '' });
    const { code, stderr } = await author.tryGit('push', 'mayfly', 'main');
    assert.notEqual(code, 0);
    assert.match(stderr, /functions\/hello\.ts/);
    assert.equal(await live(), 'one');
  });

  it('deploys the next good commit', async () => {
    second = await author.commit({ 'functions/hello.ts': answering('two') });
    await author.git('push', 'mayfly', 'main');
    assert.equal(await live(), 'two');
    assert.equal(await tip(), second);
  });

  it('makes a preview of a branch, with an address of its own, and removes it with the branch', async () => {
    await author.git('checkout', '--quiet', '-b', 'Feature/Blue');
    await author.commit({ 'functions/hello.ts': answering('blue') });
    const { stderr } = await author.git('push', 'mayfly', 'Feature/Blue');
    const host = /is live: http:\/\/(shop--feature-blue-[0-9a-f]{8})\.localhost/.exec(stderr)?.[1];
    assert.ok(host !== undefined, stderr);
    assert.equal(await live(`/@${host}/hello`), 'blue');
    assert.equal(await live(), 'two');

    const removed = await author.git('push', 'mayfly', '--delete', 'Feature/Blue');
    assert.match(removed.stderr, /remote: The preview feature-blue-[0-9a-f]{8} is removed\./);
    assert.equal((await node.ask(`/@${host}/hello`)).status, 404);
    assert.equal(await tip('Feature/Blue'), '');
    await author.git('checkout', '--quiet', 'main');
  });

  it('refuses to take commits away from production, however hard it is pushed', async () => {
    await author.git('checkout', '--quiet', '-b', 'other', first);
    await author.commit({ 'functions/hello.ts': answering('other') });
    const { code, stderr } = await author.tryGit('push', '--force', 'mayfly', 'other:main');
    assert.notEqual(code, 0);
    assert.match(stderr, /remote: error: "main" is the production branch.*not a fast-forward/);
    assert.equal(await live(), 'two');
    assert.equal(await tip(), second);
    const deletion = await author.tryGit('push', 'mayfly', '--delete', 'main');
    assert.match(deletion.stderr, /cannot be deleted/);
    assert.equal(await tip(), second);
    await author.git('checkout', '--quiet', 'main');
  });

  it('refuses an app of another name', async () => {
    await author.git('checkout', '--quiet', '-b', 'renamed');
    await author.commit({ 'mayfly.yaml': 'name: other\n' });
    const { code, stderr } = await author.tryGit('push', 'mayfly', 'renamed');
    assert.notEqual(code, 0);
    assert.match(stderr, /names the app "other"; this is the repository of "shop"/);
    await author.git('checkout', '--quiet', 'main');
  });

  it('can be fetched and cloned from, by whoever may read', async () => {
    const reader = await node.client.post<{ token: string }>('/v1/tokens', { name: 'reader', role: 'read' });
    const url = new URL('/v1/apps/shop/git', node.controlUrl);
    url.username = 'mayfly';
    url.password = reader.token;
    const clone = new Author(join(node.folder, 'copy'));
    await author.git('clone', '--quiet', url.href, clone.folder);
    assert.equal((await clone.git('rev-parse', 'HEAD')).stdout.trim(), second);
    await clone.commit({ 'functions/hello.ts': answering('mine') });
    const refused = await clone.tryGit('push', 'origin', 'main');
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /403/);
    assert.equal(await live(), 'two');
  });

  it('refuses a wrong token, and one for another app', async () => {
    const other = await node.client.post<{ token: string }>('/v1/tokens', {
      name: 'other',
      role: 'deploy',
      apps: ['elsewhere'],
    });
    for (const [password, expected] of [
      ['wrong', /Authentication failed|could not read/],
      [other.token, /403/],
    ] as const) {
      const url = new URL('/v1/apps/shop/git', node.controlUrl);
      url.username = 'mayfly';
      url.password = password;
      const { code, stderr } = await author.tryGit('push', url.href, 'main:again');
      assert.notEqual(code, 0);
      assert.match(stderr, expected);
    }
    assert.equal(await tip('again'), '');
  });
});
