import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readTar, type TarEntry, TarError } from '../../kit/tar-reader.ts';
import { imageRefused } from './image-error.ts';
import type { ImageLimits } from './image-limits.ts';
import { expanded } from './layer-stream.ts';

/** Of a member's name and where it leads: they are digests, hardly ever more than 100 characters. */
const MEMBER_CHARS_MAX = 2_048;

/** The files of an image, wherever they lie, by their names in it (`index.json`, `blobs/sha256/…`). */
export interface ImageFiles {
  /** Null: there is no such file. */
  find(name: string): Promise<ImageFile | null>;
}

export interface ImageFile {
  readonly bytes: number;
  read(): AsyncIterable<Uint8Array>;
}

/** An image in a folder: an OCI layout, or a docker-save archive that was unpacked. Links in it are not followed. */
export function filesOfFolder(folder: string): ImageFiles {
  return {
    find: async (name) => {
      const path = join(folder, plainName(name));
      const info = await stat(path).catch(() => null);
      return info?.isFile() ? { bytes: info.size, read: () => createReadStream(path) } : null;
    },
  };
}

/**
 * An image in a tar file: an OCI archive, or what `docker save` wrote. Nothing is unpacked: the members are read where they lie.
 * `expandTo`: where a compressed archive is expanded to; the caller removes it.
 */
export async function filesOfArchive(
  file: string,
  expandTo: string,
  limits: ImageLimits,
): Promise<ImageFiles> {
  const archive = await plainArchive(file, expandTo, limits);
  const members = new Map<string, TarEntry>();
  try {
    await readTar(createReadStream(archive), async (entry) => {
      if (entry.path.length + entry.target.length > MEMBER_CHARS_MAX)
        throw imageRefused('it has a file with too long a name');
      members.set(entry.path, entry);
      if (members.size > limits.membersMax) throw imageRefused(`it has more than ${limits.membersMax} files`);
    });
  } catch (thrown) {
    if (thrown instanceof TarError) throw imageRefused(thrown.message, thrown);
    throw thrown;
  }
  return {
    find: async (name) => {
      const entry = followed(members, plainName(name));
      if (entry === undefined) return null;
      const { offset, bytes } = entry;
      const read = () =>
        bytes === 0 ? nothing() : createReadStream(archive, { start: offset, end: offset + bytes - 1 });
      return { bytes, read };
    },
  };
}

/** `docker save` once wrote a layer that several images share as a link to the other one. */
function followed(members: ReadonlyMap<string, TarEntry>, name: string): TarEntry | undefined {
  const entry = members.get(name);
  if (entry === undefined || entry.kind === 'file') return entry;
  if (entry.kind !== 'symlink' && entry.kind !== 'hardlink') return undefined;
  const from = entry.kind === 'symlink' ? posix.dirname(name) : '';
  const target = members.get(posix.join(from, entry.target));
  return target?.kind === 'file' ? target : undefined;
}

async function plainArchive(file: string, expandTo: string, limits: ImageLimits): Promise<string> {
  const handle = await open(file);
  const start = await handle.read(Buffer.alloc(4), 0, 4, 0).finally(() => handle.close());
  const isGzip = start.buffer.readUInt16BE(0) === 0x1f8b;
  const isZstd = start.buffer.readUInt32LE(0) === 0xfd2fb528;
  if (!isGzip && !isZstd) return file;
  const byRatio = Math.max(limits.ratioFreeBytes, (await stat(file)).size * limits.ratioMax);
  await expanded(createReadStream(file), expandTo, Math.min(limits.unpackedBytesMax, byRatio));
  return expandTo;
}

/** The names come from the image: none leads out of it. */
function plainName(name: string): string {
  const plain = posix.normalize(name);
  if (plain.startsWith('..') || plain.startsWith('/')) throw imageRefused(`it names the file "${name}"`);
  return plain;
}

async function* nothing(): AsyncIterable<Uint8Array> {}
