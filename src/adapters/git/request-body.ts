import type { Writable } from 'node:stream';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { GitRequest } from '../../ports/repositories.ts';

/**
 * Feeds a request's body to a Git process, unpacked where the client packed it, and ends it there. One that is longer than
 * `bytesMax` is cut, and Git refuses what came. Never rejects: the process says what became of it.
 */
export async function feed(request: GitRequest, into: Writable, bytesMax: number): Promise<void> {
  const source = Readable.from(request.content, { objectMode: false });
  const bound = bounded(bytesMax);
  try {
    if (request.gzip) await pipeline(source, createGunzip(), bound, into);
    else await pipeline(source, bound, into);
  } catch {
    into.destroy();
  }
}

function bounded(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > bytesMax ? new RangeError('too long') : null, chunk);
    },
  });
}
