import { createHash, createHmac } from 'node:crypto';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What a signing key is good for: `20260131/us-east-1/lambda/aws4_request`. */
export interface CredentialScope {
  /** `YYYYMMDD`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export const sha256Hex = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** The signature of a canonical request, hex. `timestamp` is `YYYYMMDDTHHMMSSZ`. */
export function signatureOf(
  canonical: string,
  secretAccessKey: string,
  timestamp: string,
  { day, region, service }: CredentialScope,
): string {
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `${ALGORITHM}\n${timestamp}\n${scope}\n${sha256Hex(canonical)}`;
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of [day, region, service, 'aws4_request']) key = hmac(key, part);
  return hmac(key, text).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
