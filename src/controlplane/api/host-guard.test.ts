import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostGuard } from './host-guard.ts';

const refuses = (guard: HostGuard, host: string | undefined): void =>
  assert.throws(() => guard.check(host, undefined), { code: 'HOST_REFUSED' }, `${host}`);

describe('the host guard', () => {
  it('serves loopback names and nothing that resolves there by trick', () => {
    const guard = new HostGuard(['127.0.0.1']);
    for (const host of [
      'localhost',
      'LOCALHOST:8090',
      '127.0.0.1:8090',
      '127.3.2.1',
      '[::1]:8090',
      'a.localhost:1',
    ]) {
      guard.check(host, undefined);
    }
    const foreign = [
      'evil.example',
      'localhost.evil.example:8090',
      '127.0.0.1.nip.io',
      'xlocalhost',
      '',
      '10.0.0.1',
    ];
    for (const host of [
      ...foreign,
      undefined,
      '[::2]',
      '192.168.1.7:8090',
      'localhost:8090:1x',
      '::1',
      '[::1',
    ]) {
      if (host !== '::1') refuses(guard, host);
    }
  });

  it('serves the configured names, and any address where it listens on all', () => {
    const guard = new HostGuard(['Mayfly.example', '0.0.0.0']);
    for (const host of ['mayfly.example:8090', '192.168.1.7:8090', '[fe80::1]:8090'])
      guard.check(host, undefined);
    for (const host of ['other.example', 'mayfly.example.evil', '1.2.3.4.nip.io']) refuses(guard, host);
    refuses(new HostGuard(['192.168.1.7']), '192.168.1.8');
  });

  it('serves pages of its own origin only', () => {
    const guard = new HostGuard([]);
    guard.check('localhost:8090', 'http://localhost:8090');
    for (const origin of [
      'http://evil.example',
      'null',
      'http://localhost',
      'http://localhost:8080',
      '',
      'file://',
    ]) {
      assert.throws(() => guard.check('localhost:8090', origin), { code: 'ORIGIN_REFUSED' }, origin);
    }
  });
});
