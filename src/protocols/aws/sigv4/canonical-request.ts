import { headerValues, pathOf, queryOf, type SignedHead } from './signed-request.ts';

/** Parameters of a presigned address that are not signed: the signature itself. */
const UNSIGNED_PARAMETER = 'X-Amz-Signature';

interface Coverage {
  /** Names in lower case, sorted. */
  readonly signedHeaders: readonly string[];
  /** SHA-256 of the body in hex, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
  /** S3 signs the path as it is; every other service signs it escaped once more, without `.` and `..`. */
  readonly rawPath: boolean;
}

/** The text that is hashed and signed ("Create a canonical request" in AWS's public description of Signature Version 4). */
export function canonicalRequest(
  request: SignedHead,
  { signedHeaders, payloadHash, rawPath }: Coverage,
): string {
  return [
    request.method,
    canonicalPath(pathOf(request.target), rawPath),
    canonicalQuery(request.target),
    ...signedHeaders.map((name) => `${name}:${headerValues(request, name).map(trimmed).join(',')}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** RFC 3986: everything is escaped but letters, digits and `-._~`. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalPath(path: string, rawPath: boolean): string {
  if (rawPath) return path === '' ? '/' : path;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(escaped(segment));
  }
  const closing = kept.length > 0 && /\/(\.\.?)?$/.test(path) ? '/' : '';
  return `/${kept.join('/')}${closing}`;
}

function canonicalQuery(target: string): string {
  return queryOf(target)
    .filter(([name]) => name !== UNSIGNED_PARAMETER)
    .map(([name, value]) => [escaped(name), escaped(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function trimmed(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}
