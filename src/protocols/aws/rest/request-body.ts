import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../aws-error.ts';

/** A body with its SHA-256 (hex), which is made while it comes in: 70 MB at once would hold up the event loop. */
export interface RequestBody {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/**
 * Reads a body whole. One that is too large is refused as soon as that is known.
 * @throws AwsError RequestTooLargeException, RequestTimeoutException (the client went away)
 */
export async function readBody(req: IncomingMessage, bytesMax: number): Promise<RequestBody> {
  refuseTooLong(req, bytesMax);
  const parts: Buffer[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const part of req as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      hash.update(part);
      parts.push(part);
    }
  } catch (thrown) {
    if (thrown instanceof AwsError) throw thrown;
    throw new AwsError('RequestTimeoutException', 408, 'The request did not arrive whole.');
  }
  const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes);
  return { bytes: whole, sha256: hash.digest('hex') };
}

/** Of what a request says about its own body. @throws AwsError RequestTooLargeException */
export function refuseTooLong(req: IncomingMessage, bytesMax: number): void {
  if (Number(req.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
}

function tooLarge(bytesMax: number): AwsError {
  const message = `Request must be smaller than ${bytesMax} bytes for the operation`;
  return new AwsError('RequestTooLargeException', 413, message);
}
