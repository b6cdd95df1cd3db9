import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { HookDescription } from '../../src/contract/hook-api.ts';
import { runInShell } from '../cli/test-shell.ts';
import { eventually, TestNode } from '../harness/test-node.ts';
import { Author } from './author.ts';

/** The Git host is a second app of the same node: `origin` keeps the code, `shop` is deployed from it. */
describe('a hook', { concurrency: false }, () => {
  let node: TestNode;
  let author: Author;
  let hook: { id: string; secret: string; path: string };
  const answering = (text: string) => ({
    'mayfly.yaml': 'name: shop\n',
    'functions/hello.ts': `export default () => '${text}';\n`,
  });
  const mayfly = (words: readonly string[], stdin = '') =>
    runInShell([...words, '--url', node.controlUrl, '--token', node.token, '--json'], { stdin });

  const deliver = (id: string, body: object, secret = hook.secret) => {
    const text = JSON.stringify(body);
    const signature = createHmac('sha256', secret).update(text).digest('hex');
    return fetch(node.controlUrl + hook.path, {
      method: 'POST',
      body: text,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
  };
  const deliveries = async () => {
    const { stdout } = await mayfly(['hook', 'list', '--app', 'shop']);
    return (JSON.parse(stdout) as { hooks: HookDescription[] }).hooks[0]!.deliveries;
  };
  const settled = async (id: string) =>
    eventually(async () => {
      const found = (await deliveries()).find((each) => each.id === id);
      return found === undefined || found.state === 'running' ? null : found;
    });

  before(async () => {
    node = await TestNode.start();
    author = await Author.start(join(node.folder, 'clone'));
    // A bare repository behind HTTP, to which the author pushes without deploying: by the node's own files.
    await node.client.put('/v1/apps/origin/repository', {});
    await author.git('remote', 'add', 'origin', join(node.node.dataDir, 'git', 'origin.git'));
    const reader = await node.client.post<{ token: string }>('/v1/tokens', {
      name: 'origin reader',
      role: 'read',
      apps: ['origin'],
    });
    const url = `${node.controlUrl}/v1/apps/origin/git`;
    const added = await mayfly(
      ['hook', 'add', url, '--user', 'mayfly', '--app', 'shop'],
      `${reader.token}\n`,
    );
    assert.equal(added.code, 0, added.stderr);
    hook = JSON.parse(added.stdout) as typeof hook;
  });
  after(() => node.close());

  it('fetches and deploys what a signed delivery reports, after it has answered', async () => {
    await author.commit(answering('one'));
    await author.git('push', 'origin', 'main');
    const answer = await deliver('d1', { ref: 'refs/heads/main' });
    assert.equal(answer.status, 202);
    assert.deepEqual(await answer.json(), { delivery: 'd1', accepted: true });
    const done = await settled('d1');
    assert.equal(done.state, 'deployed', done.message);
    assert.match(done.message, /Release r-[0-9a-f]{12} is live/);
    assert.equal((await node.ask('/@shop/hello')).text, 'one');
  });

  it('takes a delivery once', async () => {
    const answer = await deliver('d1', { ref: 'refs/heads/main' });
    assert.deepEqual([answer.status, await answer.json()], [202, { delivery: 'd1', accepted: false }]);
    assert.equal((await deliveries()).length, 1);
  });

  it('refuses what is not signed with its secret', async () => {
    const forged = await deliver('d2', { ref: 'refs/heads/main' }, 'guessed');
    assert.equal(forged.status, 401);
    assert.equal((await fetch(node.controlUrl + hook.path, { method: 'POST', body: '{}' })).status, 401);
    assert.equal((await fetch(`${node.controlUrl}/v1/hooks/shop/h-0`, { method: 'POST' })).status, 404);
    assert.equal((await deliveries()).length, 1);
  });

  it('makes a preview of a branch, and removes it when the branch is gone there', async () => {
    await author.git('checkout', '--quiet', '-b', 'blue');
    await author.commit(answering('blue'));
    await author.git('push', 'origin', 'blue');
    await deliver('d3', { ref: 'refs/heads/blue' });
    assert.equal((await settled('d3')).state, 'deployed');
    assert.equal((await node.ask('/@shop--blue/hello')).text, 'blue');
    await author.git('push', 'origin', '--delete', 'blue');
    await deliver('d4', { ref: 'refs/heads/blue', deleted: true });
    assert.equal((await settled('d4')).state, 'deployed');
    assert.equal((await node.ask('/@shop--blue/hello')).status, 404);
  });

  it('says why a delivery failed, and leaves live what is', async () => {
    await author.git('checkout', '--quiet', 'main');
    await author.commit({ 'functions/hello.ts': 'export default () => {{\n' });
    await author.git('push', 'origin', 'main');
    await deliver('d5', { ref: 'refs/heads/main' });
    const failed = await settled('d5');
    assert.equal(failed.state, 'failed');
    assert.match(failed.message, /functions\/hello\.ts[\s\S]*\[BUILD_FAILED\]/);
    assert.equal((await node.ask('/@shop/hello')).text, 'one');
  });

  it('has nothing to do for tags, and ends when it is removed', async () => {
    const answer = await deliver('d6', { ref: 'refs/tags/v1' });
    assert.deepEqual(await answer.json(), { delivery: 'd6', accepted: false });
    assert.equal((await mayfly(['hook', 'remove', hook.id, '--app', 'shop'])).code, 0);
    assert.equal((await deliver('d7', { ref: 'refs/heads/main' })).status, 404);
  });
});
