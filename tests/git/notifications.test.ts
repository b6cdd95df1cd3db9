import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { SqliteWebhookStore } from '../../src/adapters/sqlite/webhook-store.ts';
import { HttpWebhookSender } from '../../src/adapters/webhooks/http-webhook-sender.ts';
import { Notifications } from '../../src/controlplane/notifications/notifications.ts';
import { SecretSealer } from '../../src/controlplane/secrets/secret-sealer.ts';
import type { Activity } from '../../src/ports/activity-listener.ts';
import type { OutgoingWebhook } from '../../src/ports/webhook-sender.ts';
import { runInShell } from '../cli/test-shell.ts';
import { eventually, TestNode } from '../harness/test-node.ts';

interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Whether a receiver that follows Standard Webhooks would take it. */
function isSigned({ headers, body }: Told, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', key).update(content).digest('base64');
  return headers['webhook-signature'] === `v1,${expected}`;
}

describe('notifications of a node', () => {
  let node: TestNode;
  let receiver: Server;
  let url: string;
  const told: Told[] = [];
  const code = (answer: string) => ({ 'functions/hello.ts': `export default () => '${answer}';\n` });
  const mayfly = (...words: string[]) =>
    runInShell([...words, '--url', node.controlUrl, '--token', node.token, '--app', 'shop', '--json']);

  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
    receiver = createServer(async (request, response) => {
      told.push({ headers: request.headers, body: await text(request) });
      response.writeHead(204).end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`;
  });
  after(async () => {
    receiver.close();
    await node.close();
  });

  it('are CloudEvents, signed, one for each change of an environment', async () => {
    const added = await mayfly('notify', 'add', url);
    assert.equal(added.code, 0, added.stderr);
    const { secret } = JSON.parse(added.stdout) as { secret: string };
    const one = await node.deploy('shop', code('one'));
    const two = await node.deploy('shop', code('two'));
    await node.client.post('/v1/apps/shop/environments/production/rollback', { reason: 'too blue' });
    await eventually(() => told.length >= 3);

    for (const each of told) {
      assert.ok(isSigned(each, secret));
      assert.ok(!isSigned({ ...each, body: `${each.body} ` }, secret));
      assert.match(each.headers['content-type'] ?? '', /^application\/cloudevents\+json/);
    }
    const events = told
      .map(({ body }) => JSON.parse(body) as Record<string, unknown> & { data: Activity & { url: string } })
      .sort((a, b) => a.data.seq - b.data.seq);
    assert.deepEqual(
      events.map(({ type, subject }) => [type, subject]),
      [
        ['dev.mayfly.environment.deploy', one.release],
        ['dev.mayfly.environment.deploy', two.release],
        ['dev.mayfly.environment.rollback', one.release],
      ],
    );
    const last = events[2]!;
    assert.equal(last.specversion, '1.0');
    assert.equal(last.source, '/v1/apps/shop/environments/production');
    assert.equal(last.data.reason, 'too blue');
    assert.match(last.data.url, /^http:\/\/shop\.localhost/);
    assert.equal(new Set(events.map(({ id }) => id)).size, 3);
  });

  it('are listed with how the last one went, without their secret, and end when removed', async () => {
    const { stdout } = await mayfly('notify', 'list');
    assert.ok(!stdout.includes('whsec_'));
    const [target] = (JSON.parse(stdout) as { targets: { id: string; last: object }[] }).targets;
    const { at, ...last } = target!.last as { at: number };
    assert.ok(at > 0);
    assert.deepEqual(last, { delivered: true, attempts: 1, outcome: '204' });
    assert.equal((await mayfly('notify', 'remove', target!.id)).code, 0);
    assert.equal((await mayfly('notify', 'remove', target!.id)).code, 1);
  });

  it('refuse what is no address', async () => {
    for (const bad of ['ftp://example.org/', 'nonsense', 'http://me:secret@example.org/'])
      assert.match((await mayfly('notify', 'add', bad)).stderr, /VALIDATION_FAILED/);
  });
});

describe('a notification that does not arrive', () => {
  const activity: Activity = {
    app: 'shop',
    environment: 'production',
    seq: 7,
    at: 1_000,
    by: 'ci',
    action: 'deploy',
    release: 'r-1',
    canary: null,
    reason: '',
  };
  const make = (post: (webhook: OutgoingWebhook) => Promise<number>) =>
    new Notifications({
      store: new SqliteWebhookStore(openDatabase(':memory:')),
      sender: { post },
      sealer: new SecretSealer(Buffer.alloc(32, 1)),
      clock: { now: () => 0, wall: () => 5_000 },
      urlOf: () => 'http://shop.localhost/',
      onDefect: (error) => assert.fail(error),
      retryMs: [1, 1, 1],
    });
  const lastOf = async (notifications: Notifications) => (await notifications.list('shop'))[0]!.last;

  it('is tried again, as the same event, until it does', async () => {
    const sent: OutgoingWebhook[] = [];
    const answers = [503, 'refused', 200];
    const notifications = make(async (webhook) => {
      sent.push(webhook);
      const answer = answers[sent.length - 1]!;
      if (typeof answer === 'string') throw new Error(answer);
      return answer;
    });
    await notifications.add('shop', { url: 'http://example.org/' });
    notifications.tell(activity);
    await eventually(async () => (await lastOf(notifications))?.delivered);
    assert.equal(sent.length, 3);
    assert.deepEqual([...new Set(sent.map(({ headers }) => headers['webhook-id']))], ['shop/production/7']);
    assert.equal((await lastOf(notifications))!.attempts, 3);
  });

  it('is given up after a few attempts, and at once where nobody wants it any more', async () => {
    for (const [status, attempts] of [
      [500, 4],
      [410, 1],
    ] as const) {
      let sent = 0;
      const notifications = make(async () => {
        sent += 1;
        return status;
      });
      await notifications.add('shop', { url: 'http://example.org/' });
      notifications.tell(activity);
      await eventually(async () => (await lastOf(notifications))?.attempts === attempts);
      notifications.close();
      assert.equal(sent, attempts);
      assert.equal((await lastOf(notifications))!.outcome, String(status));
    }
  });

  it('tells only who asked for that environment', async () => {
    const urls: string[] = [];
    const notifications = make(async ({ url }) => {
      urls.push(url);
      return 200;
    });
    await notifications.add('shop', { url: 'http://staging.example.org/', environment: 'staging' });
    await notifications.add('shop', { url: 'http://all.example.org/' });
    notifications.tell(activity);
    await eventually(() => urls.length > 0);
    assert.deepEqual(urls, ['http://all.example.org/']);
  });

  it('never goes to where clouds keep their credentials', async () => {
    const sender = new HttpWebhookSender();
    for (const host of ['169.254.169.254', '[fe80::1]', '[::ffff:169.254.169.254]', '100.100.100.200'])
      await assert.rejects(sender.post({ url: `http://${host}/`, headers: {}, body: '' }), /refused address/);
  });
});
