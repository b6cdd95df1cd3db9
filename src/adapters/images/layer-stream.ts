import { createWriteStream } from 'node:fs';
import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { imageRefused } from './image-error.ts';

/** Gives the bytes inside, however they are compressed: by gzip, by zstd or not at all, as their first bytes say. */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  };
  const plain = decoderFor(Buffer.from(first.value));
  const flowing = pipeline(Readable.from(rest()), plain);
  flowing.catch(() => {});
  try {
    yield* plain as AsyncIterable<Uint8Array>;
    await flowing;
  } catch (thrown) {
    if (/^Z|^ERR_/.test((thrown as NodeJS.ErrnoException).code ?? ''))
      throw imageRefused(`a layer is damaged (${(thrown as Error).message})`, thrown);
    throw thrown;
  } finally {
    plain.destroy();
    await chunks.return?.();
  }
}

/** Writes the bytes inside to a file. @throws MayflyError VALIDATION_FAILED when they are too many */
export async function expanded(
  source: AsyncIterable<Uint8Array>,
  to: string,
  bytesMax: number,
): Promise<void> {
  let bytes = 0;
  const bounded = async function* (): AsyncGenerator<Uint8Array> {
    for await (const part of decompressed(source)) {
      bytes += part.length;
      if (bytes > bytesMax) throw imageRefused(`unpacked it has more than ${bytesMax} bytes`);
      yield part;
    }
  };
  await pipeline(Readable.from(bounded()), createWriteStream(to));
}

function decoderFor(start: Buffer): Transform {
  if (start.length >= 2 && start.readUInt16BE(0) === 0x1f8b) return zlib.createGunzip();
  if (start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528) return zlib.createZstdDecompress();
  return new PassThrough();
}
