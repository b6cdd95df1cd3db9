import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';

/** The whole body of a request. @throws ApiError RequestEntityTooLarge: what comes after `bytesMax` is read and thrown away */
export async function readAll(req: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= bytesMax) parts.push(part);
    else parts.length = 0;
  }
  if (bytes > bytesMax) {
    const message = `Exceeded maximum allowed payload size (${bytesMax} bytes).`;
    throw new ApiError(413, 'RequestEntityTooLarge', message);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes);
}

/** A header that is given once, or null. */
export function header(req: IncomingMessage, name: string): string | null {
  const value = req.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
