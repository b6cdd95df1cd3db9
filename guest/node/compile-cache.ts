import fs from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { cachedDataVersionTag } from 'node:v8';
import {
  COMPILE_CACHE_BYTES_MAX,
  COMPILE_CACHE_FILES_MAX,
  type CompileCacheMessage,
} from '../../src/contract/compile-cache.ts';
import { CHUNK_BYTES_MAX, encodeMetaFrame, FrameType } from '../../src/contract/frames.ts';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { NODE_MAJOR } from './runtime.ts';

/** Held: what is sent is what Node wrote, whatever the author's code does to `node:fs`. */
const { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } = fs;
/** The sandbox's, not one that the function sets. */
const TEMPORARY = process.env.TMPDIR ?? '/tmp';

/**
 * Lets Node use the compile cache that came with the code. Returns what to call when the handler is loaded: it gives
 * the frames that carry a new cache, none when the old one fits or none is asked for.
 *
 * Node finds a cache in `FOLDER/TAG-USER` (since Node 26 in `FOLDER/TAG`), by each module's place relative to that. The user is the sandbox's own and the
 * folder with the code is read-only, so Node is told a folder of the instance's, where that name is a link. A cache is
 * never a reason to fail: what goes wrong here only means to load without one.
 */
export function useCompileCache({
  codeDir,
  compileCacheDir,
  makeCompileCache,
}: SpecialiseMessage): () => Buffer[] {
  const nothing = (): Buffer[] => [];
  if (compileCacheDir === null && !makeCompileCache) return nothing;
  // The flags of V8 are part of it; those that depend on the function's memory are set later.
  const tag = `${process.version}-${process.arch}-${cachedDataVersionTag().toString(16).padStart(8, '0')}`;
  const given = compileCacheDir === null ? null : `${compileCacheDir}/${tag}`;
  const fits = given !== null && existsSync(given);
  if (!fits && !makeCompileCache) return nothing;
  try {
    const folder = ownFolder(codeDir);
    const place = `${folder}/${tag}${userPart()}`;
    if (fits) symlinkSync(given, place);
    enableCompileCache({ directory: folder, portable: true });
    return fits ? nothing : () => collect(folder, place, tag);
  } catch {
    return nothing;
  }
}

const userPart = (): string => (NODE_MAJOR < 26 ? `-${process.getuid!()}` : '');

/** Beside the code where that can be written (there each instance has its code elsewhere), else in the private `/tmp`. */
function ownFolder(codeDir: string): string {
  const name = '.mayfly/node';
  try {
    const beside = `${realpathSync(codeDir)}/${name}`;
    mkdirSync(beside, { recursive: true });
    return beside;
  } catch {
    const temporary = `${TEMPORARY}/${name}`;
    mkdirSync(temporary, { recursive: true });
    return temporary;
  }
}

function collect(folder: string, place: string, tag: string): Buffer[] {
  try {
    flushCompileCache();
    const frames = framesOf(place, tag);
    rmSync(folder, { recursive: true });
    return frames;
  } catch {
    return [];
  }
}

function framesOf(place: string, tag: string): Buffer[] {
  const files = readdirSync(place);
  if (files.length > COMPILE_CACHE_FILES_MAX) return [];
  const frames: Buffer[] = [];
  let bytes = 0;
  for (const file of files) {
    const meta = JSON.stringify({ tag, file } satisfies CompileCacheMessage);
    const content = readFileSync(`${place}/${file}`);
    bytes += content.length;
    if (bytes > COMPILE_CACHE_BYTES_MAX) return [];
    for (let offset = 0; offset < content.length; offset += CHUNK_BYTES_MAX) {
      const part = content.subarray(offset, offset + CHUNK_BYTES_MAX);
      frames.push(encodeMetaFrame(FrameType.CACHE, 0, 0, meta, part));
    }
  }
  return frames;
}
