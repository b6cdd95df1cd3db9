import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../ports/clock.ts';
import { AwsError } from '../aws-error.ts';
import { type Authorization, readAuthorization, timestampOf } from './authorization.ts';
import { canonicalRequest } from './canonical-request.ts';
import { signatureOf } from './signature.ts';
import { headerValues, queryOf, type SignedRequest } from './signed-request.ts';

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
    const authorization = readAuthorization(request);
    const { scope } = authorization;
    checkTime(authorization, this.#clock.wall());
    checkCoverage(request, authorization);
    const owner = await this.#keys.find(authorization.accessKeyId);
    if (owner === null) {
      const message = 'The security token included in the request is invalid.';
      throw new AwsError('UnrecognizedClientException', 403, message);
    }
    const canonical = canonicalRequest(request, {
      signedHeaders: authorization.signedHeaders,
      payloadHash: payloadHashOf(request, authorization),
      rawPath: scope.service === 's3',
    });
    const expected = signatureOf(canonical, owner.secretAccessKey, authorization.timestamp, scope);
    if (!same(expected, authorization.signature)) {
      throw invalid(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      );
    }
    return { principal: owner.principal, region: scope.region, service: scope.service };
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

function checkCoverage({ headers }: SignedRequest, { signedHeaders }: Authorization): void {
  if (!signedHeaders.includes('host'))
    throw invalid(`'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (!name.startsWith('x-amz-') || signedHeaders.includes(name) || UNSIGNED_HEADERS.has(name)) continue;
    throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
}

/** What stands for the body: its own hash, whatever the client says that it is, unless it says that it is not signed. */
function payloadHashOf(request: SignedRequest, { expiresS, scope }: Authorization): string {
  const [inHeader] = headerValues(request, 'x-amz-content-sha256');
  const inQuery = queryOf(request.target).find(([name]) => name === 'X-Amz-Content-Sha256')?.[1];
  const said = inHeader ?? inQuery;
  if (said === UNSIGNED_PAYLOAD) return UNSIGNED_PAYLOAD;
  if (said === undefined && expiresS !== null && scope.service === 's3') return UNSIGNED_PAYLOAD;
  return request.bodySha256;
}

function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidSignatureException', 403, message);
}
