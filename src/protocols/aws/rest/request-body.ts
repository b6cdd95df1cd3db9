import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { type Carved, TextCarver } from './text-carver.ts';

/** A body with its SHA-256 (hex), which is made while it comes in: 70 MB at once would hold up the event loop. */
export interface RequestBody {
  readonly bytes: Buffer;
  readonly sha256: string;
}

interface CarvedBounds {
  readonly bytesMax: number;
  /** The keys to the text that is kept apart. */
  readonly path: readonly string[];
  /** What may be beside that text. */
  readonly restBytesMax: number;
}

/**
 * Reads a body whole. One that is too large is refused as soon as that is known.
 * @throws AwsError RequestTooLargeException, RequestTimeoutException (the client went away)
 */
export async function readBody(req: IncomingMessage, bytesMax: number): Promise<RequestBody> {
  const parts: Buffer[] = [];
  const sha256 = await takeIn(req, bytesMax, (part) => parts.push(part));
  return { bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), sha256 };
}

/** The same of a JSON body, with the text of one member apart, which is never in one piece. @throws AwsError as `readBody` */
export async function readCarvedBody(
  req: IncomingMessage,
  { bytesMax, path, restBytesMax }: CarvedBounds,
): Promise<RequestBody & Pick<Carved, 'text'>> {
  const carver = new TextCarver(path);
  const sha256 = await takeIn(req, bytesMax, (part) => {
    carver.push(part);
    if (carver.restBytes > restBytesMax) throw tooLarge(restBytesMax);
  });
  const { rest: bytes, text } = carver.end();
  return { bytes, text, sha256 };
}

/** Answers the hash of all parts. */
async function takeIn(req: IncomingMessage, bytesMax: number, take: (part: Buffer) => void): Promise<string> {
  refuseTooLong(req, bytesMax);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const part of req as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      hash.update(part);
      take(part);
    }
  } catch (thrown) {
    if (thrown instanceof AwsError) throw thrown;
    throw new AwsError('RequestTimeoutException', 408, 'The request did not arrive whole.');
  }
  return hash.digest('hex');
}

/** Of what a request says about its own body. @throws AwsError RequestTooLargeException */
export function refuseTooLong(req: IncomingMessage, bytesMax: number): void {
  if (Number(req.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
}

function tooLarge(bytesMax: number): AwsError {
  const message = `Request must be smaller than ${bytesMax} bytes for the operation`;
  return new AwsError('RequestTooLargeException', 413, message);
}
