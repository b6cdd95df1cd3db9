import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { CorsPolicy } from '../../domain/route.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';

const policy = (change: Partial<CorsPolicy> = {}): CorsPolicy => ({
  origins: ['https://a.example', 'https://b.example'],
  methods: ['GET', 'PUT'],
  headers: ['x-token'],
  exposeHeaders: [],
  credentials: false,
  maxAgeS: 60,
  ...change,
});
const request = (method: string, headers: Record<string, string>): IncomingMessage =>
  ({ method, headers }) as unknown as IncomingMessage;
const fields = (flat: readonly string[]): Record<string, string> => {
  const pairs = flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as const] : []));
  assert.equal(new Set(pairs.map(([name]) => name)).size, pairs.length, 'no field twice');
  return Object.fromEntries(pairs);
};

test('an allowed origin is named, and the answer depends on it', () => {
  assert.deepEqual(fields(corsHeaders(policy(), 'https://b.example')), {
    'access-control-allow-origin': 'https://b.example',
    vary: 'Origin',
  });
});

test('an origin that only looks allowed is not, and caches are told', () => {
  for (const origin of ['https://a.example.evil', 'http://a.example', 'https://A.example', 'null', '', '*'])
    assert.deepEqual(corsHeaders(policy(), origin), ['vary', 'Origin'], origin);
  assert.deepEqual(corsHeaders(policy(), undefined), []);
});

test('any origin is `*`, unless credentials are allowed', () => {
  const any = policy({ origins: ['*'] });
  assert.deepEqual(fields(corsHeaders(any, 'https://x')), { 'access-control-allow-origin': '*' });
  assert.deepEqual(
    fields(corsHeaders({ ...any, credentials: true, exposeHeaders: ['a', 'b'] }, 'https://x')),
    {
      'access-control-allow-origin': 'https://x',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'a, b',
      vary: 'Origin',
    },
  );
});

test('a preflight is OPTIONS with an origin and the method it asks for', () => {
  const asks = { origin: 'https://a.example', 'access-control-request-method': 'PUT' };
  assert.ok(isPreflight(request('OPTIONS', asks)));
  assert.ok(!isPreflight(request('GET', asks)));
  for (const { origin, ...rest } of [asks]) {
    assert.ok(!isPreflight(request('OPTIONS', rest)));
    assert.ok(!isPreflight(request('OPTIONS', { origin })));
  }
});

test('a preflight is answered with what the policy allows, and a foreign one with nothing', () => {
  const asks = { origin: 'https://a.example', 'access-control-request-headers': 'x-token, x-other' };
  const answer = (change: Partial<CorsPolicy>, more = {}) =>
    fields(preflightHeaders(policy(change), request('OPTIONS', { ...asks, ...more })));
  assert.deepEqual(answer({}), {
    'access-control-allow-origin': 'https://a.example',
    vary: 'Origin',
    'access-control-allow-methods': 'GET, PUT',
    'access-control-allow-headers': 'x-token',
    'access-control-max-age': '60',
  });
  assert.equal(answer({ headers: ['*'] })['access-control-allow-headers'], 'x-token, x-other');
  assert.equal(answer({ headers: [] })['access-control-allow-headers'], undefined);
  assert.deepEqual(answer({}, { origin: 'https://evil' }), { vary: 'Origin' });
});
