import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { MayflyError } from '../../domain/errors.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PIN_HEX_DIGITS = 32;

/** Where a secret belongs; sealed with it, so that a value moved to another name or app does not open there. */
export interface SecretPlace {
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  readonly name: string;
}

/**
 * Encrypts secrets at rest: AES-256-GCM, a random 96-bit nonce for each, the place as additional authenticated data.
 * A sealed value is base64 of `nonce ‖ tag ‖ ciphertext`. The master key never encrypts: keys are derived from it.
 */
export class SecretSealer {
  readonly #sealingKey: Buffer;
  readonly #fingerprintKey: Buffer;
  readonly #pinKey: Buffer;

  /** `masterKey`: 32 random bytes. @throws MayflyError CONFIG_INVALID for another length */
  constructor(masterKey: Uint8Array) {
    if (masterKey.byteLength !== KEY_BYTES) {
      throw new MayflyError(
        'CONFIG_INVALID',
        `The master key has ${masterKey.byteLength} bytes, not ${KEY_BYTES}.`,
      );
    }
    this.#sealingKey = derive(masterKey, 'mayfly secret sealing 1');
    this.#fingerprintKey = derive(masterKey, 'mayfly secret fingerprint 1');
    this.#pinKey = derive(masterKey, 'mayfly release pin 1');
  }

  seal(value: string, place: SecretPlace): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealingKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aadOf(place));
    const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
  }

  /** @throws MayflyError INTERNAL when the value was changed, moved, or sealed with another key */
  open(sealed: string, place: SecretPlace): string {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#sealingKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(aadOf(place));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString();
    } catch (cause) {
      const { app, environment, name } = place;
      const message = `The secret ${name} of ${app}/${environment} does not open: it was sealed with another master key, or changed.`;
      throw new MayflyError('INTERNAL', message, { cause });
    }
  }

  /** Stands for the value where only its being equal matters and nobody may guess it back. */
  fingerprint(value: string): string {
    return createHmac('sha256', this.#fingerprintKey).update(value).digest('base64');
  }

  /** `RELEASE.` and 32 hex digits: see `AppSnapshot.pin`. The same for ever, so that it outlives a restart. */
  pin(app: string, environment: string, release: string): string {
    const place = JSON.stringify([app, environment, release]);
    const proof = createHmac('sha256', this.#pinKey).update(place).digest('hex').slice(0, PIN_HEX_DIGITS);
    return `${release}.${proof}`;
  }
}

function derive(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, new Uint8Array(), purpose, KEY_BYTES));
}

function aadOf(place: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([place.app, place.environment, place.function, place.name]));
}
