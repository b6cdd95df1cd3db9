import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SecretSealer } from './secret-sealer.ts';

const place = { app: 'shop', environment: 'production', function: '', name: 'KEY' };
const sealer = new SecretSealer(randomBytes(32));

describe('a sealed secret', () => {
  it('opens to what it was, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const sealed = sealer.seal(value, place);
        assert.equal(sealer.open(sealed, place), value);
        assert.notEqual(sealer.seal(value, place), sealed);
      }),
    );
  });

  it('does not open elsewhere, with another key, or changed in any byte', () => {
    const sealed = sealer.seal('hunter2', place);
    const elsewhere = [{ name: 'OTHER' }, { app: 'blog' }, { environment: 'preview' }, { function: 'list' }];
    for (const other of elsewhere) {
      assert.throws(() => sealer.open(sealed, { ...place, ...other }), { code: 'INTERNAL' });
    }
    assert.throws(() => new SecretSealer(randomBytes(32)).open(sealed, place), /another master key/);
    const bytes = Buffer.from(sealed, 'base64');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      assert.throws(() => sealer.open(changed.toString('base64'), place), { code: 'INTERNAL' });
    }
    assert.throws(() => sealer.open('', place), { code: 'INTERNAL' });
    assert.throws(() => sealer.open(bytes.subarray(0, 20).toString('base64'), place), { code: 'INTERNAL' });
  });

  it('has a fingerprint that depends on the value and on the key', () => {
    assert.equal(sealer.fingerprint('a'), sealer.fingerprint('a'));
    assert.notEqual(sealer.fingerprint('a'), sealer.fingerprint('b'));
    assert.notEqual(sealer.fingerprint('a'), new SecretSealer(randomBytes(32)).fingerprint('a'));
  });

  it('needs a key of 32 bytes', () => {
    assert.throws(() => new SecretSealer(randomBytes(16)), { code: 'CONFIG_INVALID' });
  });
});
