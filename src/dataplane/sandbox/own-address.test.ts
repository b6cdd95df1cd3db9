import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddress } from './own-address.ts';

test('on loopback the base URL needs no name, and only the gateway’s own port is the app', () => {
  const place = { url: 'http://127.0.0.1:8080', domains: ['localhost'] };
  assert.deepEqual(ownAddress(place, 'shop', 'production'), {
    url: 'http://127.0.0.1:8080/@shop',
    name: 'shop',
    gateways: ['http://127.0.0.1:8080', 'http://localhost:8080'],
    hosts: ['http://shop.localhost:8080'],
  });
});

test('who listens everywhere is asked on loopback', () => {
  for (const host of ['0.0.0.0', '[::]']) {
    const place = { url: `http://${host}:80`, domains: [] };
    const { url, gateways } = ownAddress(place, 'shop', 'preview-7');
    assert.equal(url, 'http://127.0.0.1/@shop--preview-7');
    assert.deepEqual(gateways, ['http://127.0.0.1', 'http://localhost']);
  }
});

test('a domain of the operator’s may stand behind a proxy', () => {
  const place = { url: 'http://10.0.0.5:8080', domains: ['apps.example.org'] };
  const { url, gateways, hosts } = ownAddress(place, 'shop', 'production');
  assert.equal(url, 'http://10.0.0.5:8080/@shop');
  assert.deepEqual(gateways, ['http://10.0.0.5:8080']);
  assert.deepEqual(hosts, [
    'http://shop.apps.example.org:8080',
    'https://shop.apps.example.org',
    'http://shop.apps.example.org',
  ]);
});
