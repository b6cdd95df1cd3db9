import { createHmac, hkdfSync } from 'node:crypto';
import type { FunctionVersion } from '../../domain/function-version.ts';
import { randomHex } from '../../kit/ids.ts';
import type { InstanceCredential, InstanceCredentials } from '../../ports/instance-credentials.ts';
import type { Principal, Tokens } from '../tokens/tokens.ts';

/** What an SDK of AWS needs to sign its requests. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface AccessKeysDeps {
  readonly tokens: Tokens;
  /** 32 random bytes. */
  readonly masterKey: Uint8Array;
  readonly region: string;
  /** Where functions find the edge: `http://127.0.0.1:4566`. */
  readonly endpointUrl: () => string;
}

const KEY_BYTES = 32;
/** 40 characters of base64, as AWS's own secrets. */
const SECRET_BYTES = 30;
const INSTANCE_ID_BYTES = 6;
/** 20 characters, as AWS's own ids: a prefix that says what it stands for, and 12 hex digits. */
const TOKEN_KEY = /^MFLYTOKN([0-9A-F]{12})$/;
const OPERATOR_KEY = 'MFLYOPERATOR00000000';

/** A function that says itself how it reaches AWS must not be led elsewhere. */
const OWN_ACCESS = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/**
 * Access keys for the edge. A token's key is derived from the token and the master key: it is worth what the token is, dies
 * with it, and is stored nowhere. An instance's key is drawn at random and lives as long as the instance, in memory.
 */
export class AccessKeys implements InstanceCredentials {
  readonly #deps: AccessKeysDeps;
  readonly #key: Buffer;
  readonly #instances = new Map<
    string,
    { readonly secretAccessKey: string; readonly principal: Principal }
  >();

  constructor(deps: AccessKeysDeps) {
    this.#deps = deps;
    this.#key = Buffer.from(
      hkdfSync('sha256', deps.masterKey, new Uint8Array(), 'mayfly access keys 1', KEY_BYTES),
    );
  }

  get region(): string {
    return this.#deps.region;
  }

  /** The access key of whoever presented a token. Null: it was revoked meanwhile. */
  async keyOf({ id }: Principal): Promise<AccessKey | null> {
    const holder = await this.#deps.tokens.holder(id);
    if (holder === null) return null;
    const accessKeyId = id === 'operator' ? OPERATOR_KEY : `MFLYTOKN${id.replace(/^t-/, '').toUpperCase()}`;
    return { accessKeyId, secretAccessKey: this.#secret(accessKeyId, holder.sha256) };
  }

  /** Null: there is no such key, or no longer. */
  async find(
    accessKeyId: string,
  ): Promise<{ readonly secretAccessKey: string; readonly principal: Principal } | null> {
    const instance = this.#instances.get(accessKeyId);
    if (instance !== undefined) return instance;
    const token = TOKEN_KEY.exec(accessKeyId)?.[1];
    const id = accessKeyId === OPERATOR_KEY ? 'operator' : token && `t-${token.toLowerCase()}`;
    if (id === undefined) return null;
    const holder = await this.#deps.tokens.holder(id);
    if (holder === null) return null;
    return { principal: holder.principal, secretAccessKey: this.#secret(accessKeyId, holder.sha256) };
  }

  /** Worth: seeing and calling the functions of its own app, and what the edge's protocols give to whoever its function is. */
  issue({ app, environment, name, env }: FunctionVersion): InstanceCredential {
    if (OWN_ACCESS.some((variable) => Object.hasOwn(env, variable))) return NO_CREDENTIAL;
    const accessKeyId = `MFLYFUNC${randomHex(INSTANCE_ID_BYTES).toUpperCase()}`;
    const secretAccessKey = this.#secret(accessKeyId, randomHex(16));
    const id = `${app}/${environment}/${name}`;
    const instanceOf = { app, environment, function: name };
    const principal: Principal = { id, name: id, role: 'invoke', apps: [app], instanceOf };
    this.#instances.set(accessKeyId, { secretAccessKey, principal });
    const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? this.#deps.region;
    return {
      variables: {
        AWS_ENDPOINT_URL: this.#deps.endpointUrl(),
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
      },
      revoke: () => this.#instances.delete(accessKeyId),
    };
  }

  #secret(accessKeyId: string, proof: string): string {
    const mac = createHmac('sha256', this.#key).update(`${accessKeyId}\n${proof}`).digest();
    return mac.subarray(0, SECRET_BYTES).toString('base64');
  }
}

const NO_CREDENTIAL: InstanceCredential = { variables: {}, revoke: () => {} };
