import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWebhookSecret, signatureHeaders } from './webhook-signature.ts';

test('signs as the example of Standard Webhooks does', () => {
  const headers = signatureHeaders(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('makes secrets that the API takes', () => {
  assert.match(newWebhookSecret(), /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);
  assert.notEqual(newWebhookSecret(), newWebhookSecret());
});
