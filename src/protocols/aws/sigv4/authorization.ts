import { AwsError } from '../aws-error.ts';
import { ALGORITHM, type CredentialScope } from './signature.ts';
import { headerValues, queryOf, type SignedHead } from './signed-request.ts';

/** What a request says about its own signature. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  /** ms since the epoch. */
  readonly signedAt: number;
  /** Of a presigned address: how long it is good for, s; null: the signature is in a header. */
  readonly expiresS: number | null;
  /** Names in lower case, sorted. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** A presigned address is good for a week at most. */
const EXPIRES_S_MAX = 604_800;

/**
 * Reads the `Authorization` header, or a presigned address's parameters; with a header, those are ordinary parameters.
 * @throws AwsError MissingAuthenticationTokenException, IncompleteSignatureException
 */
export function readAuthorization(request: SignedHead): Authorization {
  const [header] = headerValues(request, 'authorization');
  if (header !== undefined) return fromHeader(header, request);
  const query = new Map(queryOf(request.target));
  if (query.has('X-Amz-Algorithm')) return fromQuery(query);
  throw new AwsError('MissingAuthenticationTokenException', 403, 'Missing Authentication Token');
}

function fromHeader(header: string, request: SignedHead): Authorization {
  const [algorithm, ...rest] = header.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) {
    throw incomplete(`Unsupported AWS 'algorithm': '${String(algorithm)}'.`);
  }
  const parts = new Map(
    rest
      .join('')
      .split(',')
      .map((part) => {
        const equals = part.indexOf('=');
        return [part.slice(0, Math.max(0, equals)), part.slice(equals + 1)] as const;
      }),
  );
  const [credential, signature, signedHeaders] = ['Credential', 'Signature', 'SignedHeaders'].map((name) => {
    const value = parts.get(name);
    if (value === undefined || value === '')
      throw incomplete(`Authorization header requires '${name}' parameter. Authorization=${algorithm}`);
    return value;
  }) as [string, string, string];
  const [date] = [...headerValues(request, 'x-amz-date'), ...headerValues(request, 'date')];
  if (date === undefined) {
    const text = `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`;
    throw incomplete(text);
  }
  return { ...assembled({ credential, signature, signedHeaders, date }), expiresS: null };
}

function fromQuery(query: ReadonlyMap<string, string>): Authorization {
  const algorithm = query.get('X-Amz-Algorithm');
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`);
  const [credential, signature, signedHeaders, date, expires] = [
    'X-Amz-Credential',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
    'X-Amz-Date',
    'X-Amz-Expires',
  ].map((name) => {
    const value = query.get(name);
    if (value === undefined || value === '')
      throw incomplete(`AWS query-string parameters must include '${name}'.`);
    return value;
  }) as [string, string, string, string, string];
  const expiresS = /^\d{1,7}$/.test(expires) ? Number(expires) : -1;
  if (expiresS < 1 || expiresS > EXPIRES_S_MAX)
    throw incomplete(`'X-Amz-Expires' must be a number of seconds from 1 to ${EXPIRES_S_MAX}.`);
  return { ...assembled({ credential, signature, signedHeaders, date }), expiresS };
}

function assembled(texts: {
  readonly credential: string;
  readonly signature: string;
  readonly signedHeaders: string;
  readonly date: string;
}): Omit<Authorization, 'expiresS'> {
  const parts = texts.credential.split('/');
  const [day, region, service, terminator] = parts.slice(-4);
  if (parts.length < 5 || terminator !== 'aws4_request') {
    throw incomplete(
      `Credential must have at least 5 slash-delimited elements and end with 'aws4_request', got '${texts.credential}'.`,
    );
  }
  const signedAt = instantOf(texts.date);
  if (signedAt === null) throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${texts.date}'.`);
  return {
    accessKeyId: parts.slice(0, -4).join('/'),
    scope: { day: day!, region: region!, service: service! },
    timestamp: timestampOf(signedAt),
    signedAt,
    signedHeaders: texts.signedHeaders.toLowerCase().split(';').sort(),
    signature: texts.signature,
  };
}

/** `YYYYMMDDTHHMMSSZ`, or a date of HTTP, as ms since the epoch; null: it is neither. */
function instantOf(date: string): number | null {
  const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  const text =
    basic === null ? date : `${basic[1]}-${basic[2]}-${basic[3]}T${basic[4]}:${basic[5]}:${basic[6]}Z`;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

/** ms since the epoch as `YYYYMMDDTHHMMSSZ`. */
export function timestampOf(instant: number): string {
  return new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', 400, message);
}
