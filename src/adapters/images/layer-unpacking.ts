import { createHash, type Hash } from 'node:crypto';
import { readTar, TarError } from '../../kit/tar-reader.ts';
import type { ImageDescription, ImageLayer } from './image-description.ts';
import { imageRefused } from './image-error.ts';
import type { ImageLimits } from './image-limits.ts';
import { decompressed } from './layer-stream.ts';
import type { Rootfs } from './rootfs.ts';

/**
 * Unpacks all layers of an image, the lowest first, each compared with its digests.
 * @throws MayflyError VALIDATION_FAILED, the signal's reason; what was unpacked by then is the caller's to remove
 */
export async function unpackLayers(
  { layers }: ImageDescription,
  rootfs: Rootfs,
  limits: ImageLimits,
  signal: AbortSignal,
): Promise<void> {
  const room = { bytes: limits.unpackedBytesMax, entries: limits.entriesMax, names: limits.nameBytesMax };
  for (const layer of layers) {
    rootfs.beginLayer();
    await unpackLayer(layer, rootfs, limits, room, signal);
  }
}

async function unpackLayer(
  { file, sha256, diffSha256 }: ImageLayer,
  rootfs: Rootfs,
  limits: ImageLimits,
  room: { bytes: number; entries: number; names: number },
  signal: AbortSignal,
): Promise<void> {
  const packed = createHash('sha256');
  const plain = createHash('sha256');
  const ownMax = Math.max(limits.ratioFreeBytes, file.bytes * limits.ratioMax);
  let own = 0;
  const content = decompressed(counted(file.read(), packed));
  const source = counted(content, plain, (bytes) => {
    own += bytes;
    room.bytes -= bytes;
    if (own > ownMax) throw imageRefused(`a layer unpacks to more than ${limits.ratioMax} times its size`);
    if (room.bytes < 0) throw imageRefused(`unpacked it has more than ${limits.unpackedBytesMax} bytes`);
  });
  try {
    await readTar(source, async (entry, content) => {
      signal.throwIfAborted();
      room.entries -= 1;
      room.names -= entry.path.length;
      if (room.entries < 0) throw imageRefused(`it has more than ${limits.entriesMax} files`);
      if (room.names < 0)
        throw imageRefused(`its files have names of more than ${limits.nameBytesMax} bytes`);
      await rootfs.add(entry, content);
    });
    // The digests are of all of it, also of what follows an archive's end.
    for await (const _ of source);
  } catch (thrown) {
    if (thrown instanceof TarError) throw imageRefused(`a layer is damaged (${thrown.message})`, thrown);
    if ((thrown as NodeJS.ErrnoException).code === 'ENAMETOOLONG')
      throw imageRefused('it has a file with too long a name', thrown);
    throw thrown;
  } finally {
    await content.return(undefined);
  }
  const isWhole = sha256 === null || packed.digest('hex') === sha256;
  if (!isWhole || plain.digest('hex') !== diffSha256)
    throw imageRefused(`the layer sha256:${sha256 ?? diffSha256} is not what it should be`);
}

/** Passes everything on, into a hash too. With `count`, a reader that stops does not close it: another may read on. */
function counted(
  source: AsyncIterable<Uint8Array>,
  hash: Hash,
  count?: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    const { done, value } = await chunks.next();
    if (done === true) return { done: true, value: undefined };
    hash.update(value);
    count?.(value.length);
    return { done: false, value };
  };
  const close = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    await chunks.return?.();
    return { done: true, value: undefined };
  };
  const iterator = count === undefined ? { next, return: close } : { next };
  return { [Symbol.asyncIterator]: () => iterator };
}
