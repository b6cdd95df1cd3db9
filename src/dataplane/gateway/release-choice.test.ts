import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AppSnapshot, StickyKey } from '../../domain/snapshot.ts';
import { LiveEnvironment } from '../dispatch/live-environment.ts';
import { canaryCookie, withoutCanaryCookie } from './canary-cookie.ts';
import { chooseRelease } from './release-choice.ts';

const snapshot = (release: string): AppSnapshot => ({
  app: 'shop',
  environment: 'production',
  release,
  pin: `${release}.0123`,
  functions: new Map(),
  routes: [],
});
const STABLE = snapshot('r-stable');
const CANARY = snapshot('r-canary');
const CANDIDATE = snapshot('r-candidate');

function environment(
  weight: number | null,
  key: StickyKey = { kind: 'cookie' },
  id = 'c-1',
): LiveEnvironment {
  const live = new LiveEnvironment('shop', { versions() {}, vacant() {} });
  const canary = weight === null ? null : { snapshot: CANARY, id, weight, key };
  live.serve({
    app: 'shop',
    environment: 'production',
    stable: STABLE,
    canary,
    candidates: [CANDIDATE],
  });
  return live;
}

interface Asked {
  readonly headers?: IncomingHttpHeaders;
  readonly remoteAddress?: string;
  readonly drawn?: number;
}
/** `RELEASE`, and `RELEASE BUCKET` when one was drawn to be kept. */
function choose(live: LiveEnvironment, { headers = {}, remoteAddress = '', drawn = 0 }: Asked = {}): string {
  const choice = chooseRelease(live, { headers, remoteAddress, draw: () => drawn });
  const release = choice.release?.snapshot.release ?? 'none';
  return choice.drawn === null ? release : `${release} ${choice.drawn}`;
}
const wish = (value: string, more: IncomingHttpHeaders = {}) => ({
  headers: { ...more, 'x-mayfly-release': value },
});
const bucket = fc.integer({ min: 0, max: 9_999 });
const weight = fc.integer({ min: 0, max: 10_000 });

describe('precedence', () => {
  test('without a canary everybody gets the stable release, and no cookie', () => {
    const live = environment(null);
    assert.equal(choose(live), 'r-stable');
    assert.equal(choose(live, { headers: { cookie: 'mayfly-canary=c-1.0' } }), 'r-stable');
  });

  test('a pin beats everything; it reaches a candidate, which nothing else does', () => {
    const live = environment(10_000);
    const cookie = 'mayfly-canary=c-1.0';
    for (const { pin, release } of [STABLE, CANARY, CANDIDATE]) {
      assert.equal(choose(live, wish(pin, { cookie })), release);
    }
    assert.throws(() => choose(live, wish('r-candidate')), { code: 'RELEASE_NOT_FOUND' });
  });

  test("a tester's word beats the client's side", () => {
    const live = environment(10_000);
    for (const name of ['stable', 'r-stable']) assert.equal(choose(live, wish(name)), 'r-stable');
    const none = environment(0);
    for (const name of ['canary', 'r-canary']) assert.equal(choose(none, wish(name)), 'r-canary');
  });

  test('a wish that leads nowhere is refused, not replaced', () => {
    for (const value of ['r-stable.0124', 'r-stable.', '.', 'r-other', 'stable, canary', '', 'Stable']) {
      for (const live of [environment(null), environment(5_000)])
        assert.throws(() => choose(live, wish(value)), { code: 'RELEASE_NOT_FOUND' }, value);
    }
    assert.throws(() => choose(environment(null), wish('canary')), { code: 'RELEASE_NOT_FOUND' });
  });

  test('an environment with candidates only serves nobody without a pin', () => {
    const live = new LiveEnvironment('shop', { versions() {}, vacant() {} });
    live.serve({
      app: 'shop',
      environment: 'production',
      stable: null,
      canary: null,
      candidates: [CANDIDATE],
    });
    assert.equal(choose(live), 'none');
    assert.equal(choose(live, wish(CANDIDATE.pin)), 'r-candidate');
  });
});

describe('the cookie', () => {
  test('a client without one draws, and keeps what it drew', () => {
    fc.assert(
      fc.property(bucket, weight, (drawn, share) => {
        const live = environment(share);
        const first = choose(live, { drawn });
        assert.equal(first, `${drawn < share ? 'r-canary' : 'r-stable'} ${drawn}`);
        const cookie = canaryCookie('c-1', drawn, '/').split(';')[0]!;
        assert.equal(choose(live, { headers: { cookie }, drawn: 9_999 - drawn }), first.split(' ')[0]);
      }),
    );
  });

  test('a raised weight never moves a client back', () => {
    fc.assert(
      fc.property(bucket, weight, weight, (kept, one, other) => {
        const headers = { cookie: `mayfly-canary=c-1.${kept}` };
        const low = choose(environment(Math.min(one, other)), { headers });
        const high = choose(environment(Math.max(one, other)), { headers });
        if (low === 'r-canary') assert.equal(high, 'r-canary');
      }),
    );
  });

  test('another canary, a bad bucket or a look-alike counts for nothing', () => {
    const live = environment(5_000);
    const values = ['c-2.1', 'c-1.10000', 'c-1.-1', 'c-1.1.1', 'c-1.01', 'c-1.', 'c-1', '"c-1.1"'];
    for (const cookie of [...values.map((value) => `mayfly-canary=${value}`), 'xmayfly-canary=c-1.1', 'a=b'])
      assert.equal(choose(live, { headers: { cookie }, drawn: 7_000 }), 'r-stable 7000', cookie);
  });

  test('it is found among others, and among those of other paths', () => {
    const cookie = 'a=b; mayfly-canary=c-2.3;mayfly-canary=c-1.42; z="mayfly-canary=c-1.9999"';
    assert.equal(choose(environment(43), { headers: { cookie } }), 'r-canary');
    assert.equal(choose(environment(42), { headers: { cookie } }), 'r-stable');
    assert.equal(withoutCanaryCookie(cookie), 'a=b; z="mayfly-canary=c-1.9999"');
    assert.equal(withoutCanaryCookie('mayfly-canary=c-1.42'), '');
    assert.equal(withoutCanaryCookie('a=b;c=d'), 'a=b;c=d');
  });
});

describe('other keys', () => {
  test('a header keeps its value on one side without a cookie; without it the cookie counts', () => {
    const key = { kind: 'header', name: 'x-user' } as const;
    fc.assert(
      fc.property(fc.string(), weight, bucket, (user, share, drawn) => {
        const live = environment(share, key);
        const headers = { 'x-user': user, cookie: 'mayfly-canary=c-1.0' };
        const side = choose(live, { headers, drawn });
        assert.match(side, /^r-(stable|canary)$/);
        assert.equal(choose(live, { headers: { 'x-user': user } }), side);
      }),
    );
    assert.equal(choose(environment(1, key), { drawn: 5 }), 'r-stable 5');
  });

  test('an address keeps its side, whichever way the socket tells it', () => {
    fc.assert(
      fc.property(fc.ipV4(), weight, (address, share) => {
        const live = environment(share, { kind: 'address' });
        const side = choose(live, { remoteAddress: address });
        assert.match(side, /^r-(stable|canary)$/);
        assert.equal(choose(live, { remoteAddress: `::ffff:${address}` }), side);
      }),
    );
  });
});
