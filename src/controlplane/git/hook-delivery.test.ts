import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { GitHost } from '../../ports/webhook-store.ts';
import { readDelivery } from './hook-delivery.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const hex = (body: string, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex');
const read = (host: GitHost, headers: Record<string, string>, body: string) =>
  readDelivery(host, SECRET, { headers, body: Buffer.from(body) }, 1_000_000);
const PUSH = JSON.stringify({ ref: 'refs/heads/feature/x', after: 'a'.repeat(40) });

test('GitHub: signs the body with HMAC-SHA256, as its documentation shows', () => {
  const example = readDelivery(
    'github',
    "It's a Secret to Everybody",
    {
      headers: {
        'x-github-event': 'push',
        'x-github-delivery': 'd1',
        'x-hub-signature-256': `sha256=${hex('{"zen":"Hello, World!"}', "It's a Secret to Everybody")}`,
      },
      body: Buffer.from('{"zen":"Hello, World!"}'),
    },
    0,
  );
  assert.deepEqual(example, { id: 'd1', branch: null });
  const documented = createHmac('sha256', "It's a Secret to Everybody").update('Hello, World!').digest('hex');
  assert.equal(documented, '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17');
});

test('GitHub: pushes and deleted branches', () => {
  const signed = (event: string, body: string) => ({
    'x-github-event': event,
    'x-github-delivery': 'd2',
    'x-hub-signature-256': `sha256=${hex(body)}`,
  });
  assert.deepEqual(read('github', signed('push', PUSH), PUSH), { id: 'd2', branch: 'feature/x' });
  const gone = JSON.stringify({ ref: 'old', ref_type: 'branch' });
  assert.equal(read('github', signed('delete', gone), gone).branch, 'old');
  const tag = JSON.stringify({ ref: 'refs/tags/v1' });
  assert.equal(read('github', signed('push', tag), tag).branch, null);
  assert.equal(read('github', signed('ping', '{}'), '{}').branch, null);
});

test('Gitea: the same signature without its name', () => {
  const headers = { 'x-gitea-event': 'push', 'x-gitea-delivery': 'd3', 'x-gitea-signature': hex(PUSH) };
  assert.deepEqual(read('gitea', headers, PUSH), { id: 'd3', branch: 'feature/x' });
});

test('GitLab: a token, or a signature with a time', () => {
  const event = { 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': 'd4' };
  assert.equal(read('gitlab', { ...event, 'x-gitlab-token': SECRET }, PUSH).branch, 'feature/x');
  const sign = (timestamp: number) => ({
    ...event,
    'webhook-id': 'd5',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,nonsense v1,${createHmac('sha256', Buffer.alloc(32, 7)).update(`d5.${timestamp}.${PUSH}`).digest('base64')}`,
  });
  assert.deepEqual(read('gitlab', sign(1_000_100), PUSH), { id: 'd5', branch: 'feature/x' });
  assert.throws(() => read('gitlab', sign(999_000), PUSH), { code: 'TOKEN_INVALID' });
  const signedAndToken = { ...sign(999_000), 'x-gitlab-token': SECRET };
  assert.throws(() => read('gitlab', signedAndToken, PUSH), { code: 'TOKEN_INVALID' });
});

test('whatever is not signed, or by another, is refused', () => {
  for (const host of ['github', 'gitlab', 'gitea'] as const) {
    for (const headers of [
      {},
      { 'x-hub-signature-256': hex(PUSH), 'x-gitea-signature': `sha256=${hex(PUSH)}`, 'x-gitlab-token': 'x' },
      {
        'x-hub-signature-256': `sha256=${hex(PUSH, 'other')}`,
        'x-gitea-signature': hex(PUSH, 'other'),
        'x-gitlab-token': '',
      },
    ])
      assert.throws(() => read(host, headers as Record<string, string>, PUSH), { code: 'TOKEN_INVALID' });
  }
});

test('a body that is no JSON is the sender’s fault, and one without an id is known by its content', () => {
  const form = 'payload=%7B%7D';
  assert.throws(() => read('gitea', { 'x-gitea-signature': hex(form) }, form), { code: 'BAD_REQUEST' });
  const headers = { 'x-gitea-event': 'push', 'x-gitea-signature': hex(PUSH) };
  assert.match(read('gitea', headers, PUSH).id, /^[0-9a-f]{64}$/);
});
