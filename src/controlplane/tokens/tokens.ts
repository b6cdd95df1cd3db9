import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role, Token, TokenRequest } from '../../contract/control-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReleaseStore, TokenRecord } from '../../ports/release-store.ts';

/** Who asks, and what it may do. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Apps it may see and change; null: all. */
  readonly apps: readonly string[] | null;
  /** Set when it is an instance of a function: whose. */
  readonly instanceOf?: InstanceOrigin;
}

/** The function that an instance serves. */
export interface InstanceOrigin {
  readonly app: string;
  readonly environment: string;
  readonly function: string;
}

const SECRET_BYTES = 32;
const ID_BYTES = 6;
/** So that a token that leaked into a text is recognised by whoever scans for it. */
const PREFIX = 'mayfly_';
const TOKEN_CHARS_MAX = 512;
const OPERATOR_TOKEN_CHARS_MIN = 32;
const OPERATOR: Principal = { id: 'operator', name: 'operator', role: 'admin', apps: null };

/**
 * Bearer tokens. Only their SHA-256 is kept: the tokens are 256 random bits, so that a slow hash would add nothing.
 * The operator's token lives in a file of the data folder and cannot be revoked here.
 */
export class Tokens {
  readonly #store: ReleaseStore;
  readonly #clock: Clock;
  readonly #operatorHash: Buffer;

  /** @throws MayflyError CONFIG_INVALID when the operator's token is short enough to be guessed */
  constructor(store: ReleaseStore, clock: Clock, operatorToken: string) {
    if (operatorToken.length < OPERATOR_TOKEN_CHARS_MIN) {
      throw new MayflyError(
        'CONFIG_INVALID',
        `The operator's token is shorter than ${OPERATOR_TOKEN_CHARS_MIN} characters.`,
      );
    }
    this.#store = store;
    this.#clock = clock;
    this.#operatorHash = hashOf(operatorToken);
  }

  /** Makes a token; its text is told this once. */
  async create(request: TokenRequest): Promise<{ readonly id: string; readonly token: string }> {
    const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const id = `t-${randomHex(ID_BYTES)}`;
    const now = this.#clock.wall();
    await this.#store.insertToken({
      id,
      name: request.name,
      sha256: hashOf(token).toString('hex'),
      role: request.role,
      apps: request.apps ?? null,
      createdAt: now,
      expiresAt: request.expiresInMs === undefined ? null : now + request.expiresInMs,
    });
    return { id, token };
  }

  /** Every token but the operator's, expired ones too. */
  async list(): Promise<Token[]> {
    const records = await this.#store.listTokens();
    return records.map(({ sha256: _secret, ...shown }) => ({
      ...shown,
      apps: shown.apps === null ? null : [...shown.apps],
    }));
  }

  /** @throws MayflyError NOT_FOUND */
  async revoke(id: string): Promise<void> {
    if (!(await this.#store.deleteToken(id)))
      throw new MayflyError('NOT_FOUND', `There is no token "${id}".`);
  }

  /**
   * Who presents this token; null: nobody (unknown, revoked, expired). What is compared is hashes, in constant time,
   * so that how long it takes says nothing about the token.
   */
  async verify(token: string): Promise<Principal | null> {
    if (token.length > TOKEN_CHARS_MAX) return null;
    const hash = hashOf(token);
    if (timingSafeEqual(hash, this.#operatorHash)) return OPERATOR;
    const record = await this.#store.findTokenByHash(hash.toString('hex'));
    if (record === null || !timingSafeEqual(hash, Buffer.from(record.sha256, 'hex'))) return null;
    return this.#expired(record)
      ? null
      : { id: record.id, name: record.name, role: record.role, apps: record.apps };
  }

  /** Who holds the token with this id, and the SHA-256 (hex) of the token; null: nobody (any more). */
  async holder(id: string): Promise<{ readonly principal: Principal; readonly sha256: string } | null> {
    if (id === OPERATOR.id) return { principal: OPERATOR, sha256: this.#operatorHash.toString('hex') };
    const record = await this.#store.findToken(id);
    if (record === null || this.#expired(record)) return null;
    const { name, role, apps, sha256 } = record;
    return { principal: { id, name, role, apps }, sha256 };
  }

  #expired({ expiresAt }: TokenRecord): boolean {
    return expiresAt !== null && expiresAt <= this.#clock.wall();
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
