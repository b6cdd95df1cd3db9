import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../ports/clock.ts';
import { AwsError } from '../aws-error.ts';
import { type Authorization, readAuthorization, timestampOf } from './authorization.ts';
import { canonicalRequest } from './canonical-request.ts';
import { signatureOf } from './signature.ts';
import { headerValues, queryOf, type SignedHead, type SignedRequest } from './signed-request.ts';

/** Who owns an access key. */
export interface KeyOwner<P> {
  readonly secretAccessKey: string;
  readonly principal: P;
}

export interface KeyOwners<P> {
  /** Null: there is no such key (any more). */
  find(accessKeyId: string): Promise<KeyOwner<P> | null>;
}

export interface VerifiedRequest<P> {
  readonly principal: P;
  /** Of the credential's scope. */
  readonly region: string;
  readonly service: string;
}

/** A request of whose signature only what covers the body is left to verify. */
export interface AdmittedRequest<P> {
  /** @throws AwsError InvalidSignatureException */
  verify(bodySha256: string): VerifiedRequest<P>;
}

/** How far the signer's clock may be off: that of Lambda and most services, and that of S3. */
const SKEW_MS_MAX = 5 * 60_000;
const S3_SKEW_MS_MAX = 15 * 60_000;
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** Set by what carries a request on its way, or by browsers: signers leave it out. */
const UNSIGNED_HEADERS: ReadonlySet<string> = new Set(['x-amz-user-agent']);

/**
 * Verifies Signature Version 4, in the header or in a presigned address, as AWS does: a request is good as often as it is sent
 * within the window of its date. What decides how a request is understood (`x-amz-*`) must be signed.
 */
export class SignatureVerifier<P> {
  readonly #keys: KeyOwners<P>;
  readonly #clock: Clock;

  constructor(keys: KeyOwners<P>, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * @throws AwsError MissingAuthenticationTokenException, IncompleteSignatureException, UnrecognizedClientException,
   * InvalidSignatureException
   */
  async verify(request: SignedRequest): Promise<VerifiedRequest<P>> {
    return (await this.admit(request)).verify(request.bodySha256);
  }

  /**
   * Verifies all that can be verified before the body is read: of a client who says what its body hashes to, as most do, everything.
   * So nobody fills the memory with bodies who holds no key.
   * @throws AwsError as `verify`
   */
  async admit(request: SignedHead): Promise<AdmittedRequest<P>> {
    const authorization = readAuthorization(request);
    const { scope } = authorization;
    checkTime(authorization, this.#clock.wall());
    checkCoverage(request, authorization);
    const owner = await this.#keys.find(authorization.accessKeyId);
    if (owner === null) {
      const message = 'The security token included in the request is invalid.';
      throw new AwsError('UnrecognizedClientException', 403, message);
    }
    const check = (payloadHash: string): void => {
      const { signedHeaders, timestamp, signature } = authorization;
      const rawPath = scope.service === 's3';
      const canonical = canonicalRequest(request, { signedHeaders, payloadHash, rawPath });
      if (!same(signatureOf(canonical, owner.secretAccessKey, timestamp, scope), signature)) throw mismatch();
    };
    const claimed = claimedHash(request, authorization);
    if (claimed !== null) check(claimed);
    return {
      verify: (bodySha256) => {
        if (claimed === null) check(bodySha256);
        else if (claimed !== UNSIGNED_PAYLOAD && claimed !== bodySha256) throw mismatch();
        return { principal: owner.principal, region: scope.region, service: scope.service };
      },
    };
  }
}

function checkTime({ scope, timestamp, signedAt, expiresS }: Authorization, now: number): void {
  if (timestamp.slice(0, 8) !== scope.day) {
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.day}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
  }
  const skewMs = scope.service === 's3' ? S3_SKEW_MS_MAX : SKEW_MS_MAX;
  const lifeMs = expiresS === null ? skewMs : expiresS * 1_000;
  if (now - signedAt > lifeMs) {
    throw invalid(
      `Signature expired: ${timestamp} is now earlier than ${timestampOf(now - lifeMs)} (${timestampOf(now)} - ${lifeMs / 60_000} min.)`,
    );
  }
  if (signedAt - now > skewMs) {
    throw invalid(
      `Signature not yet current: ${timestamp} is still later than ${timestampOf(now + skewMs)} (${timestampOf(now)} + ${skewMs / 60_000} min.)`,
    );
  }
}

function checkCoverage({ headers }: SignedHead, { signedHeaders }: Authorization): void {
  if (!signedHeaders.includes('host'))
    throw invalid(`'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (!name.startsWith('x-amz-') || signedHeaders.includes(name) || UNSIGNED_HEADERS.has(name)) continue;
    throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
}

/** What the client says that its body hashes to, or that it is not signed; null: it does not say. */
function claimedHash(request: SignedHead, { expiresS, scope }: Authorization): string | null {
  const [inHeader] = headerValues(request, 'x-amz-content-sha256');
  const inQuery = queryOf(request.target).find(([name]) => name === 'X-Amz-Content-Sha256')?.[1];
  const said = inHeader ?? inQuery;
  if (said === undefined && expiresS !== null && scope.service === 's3') return UNSIGNED_PAYLOAD;
  return said ?? null;
}

function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function mismatch(): AwsError {
  return invalid(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidSignatureException', 403, message);
}
