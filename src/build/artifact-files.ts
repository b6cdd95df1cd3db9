import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ArtifactFileManifest } from '../contract/manifest.ts';
import type { BuiltBlob } from './built-app.ts';
import type { BuiltFile } from './built-file.ts';

/** Files hashed at a time: enough to keep the disk busy, few enough not to run out of descriptors. */
const hashedAtOnceMax = 16;

/** Hashes files into artifacts. Remembers what it hashed, so that an unchanged file is not read again. */
export class ArtifactFiles {
  readonly #known = new Map<
    string,
    { readonly stamp: string; readonly sha256: string; readonly bytes: number }
  >();

  /**
   * The file list of an artifact, sorted by path; the bytes are added to `blobs`. When two files have one path, the
   * first wins.
   */
  async list(files: readonly BuiltFile[], blobs: Map<string, BuiltBlob>): Promise<ArtifactFileManifest[]> {
    const byPath = new Map<string, BuiltFile>();
    for (const file of files) if (!byPath.has(file.path)) byPath.set(file.path, file);
    const waiting = [...byPath.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
    const listed: ArtifactFileManifest[] = new Array(waiting.length);
    let next = 0;
    const work = async () => {
      for (let index = next++; index < waiting.length; index = next++) {
        const file = waiting[index] as BuiltFile;
        const { sha256, blob } = await this.#digest(file.content);
        blobs.set(sha256, blob);
        listed[index] = { path: file.path, sha256, bytes: blob.bytes, mode: file.mode };
      }
    };
    await Promise.all(Array.from({ length: hashedAtOnceMax }, work));
    return listed;
  }

  async #digest(
    content: BuiltFile['content'],
  ): Promise<{ readonly sha256: string; readonly blob: BuiltBlob }> {
    if (content instanceof Uint8Array) {
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { sha256, blob: { bytes: content.byteLength, open: () => onePiece(content) } };
    }
    const { file } = content;
    const { size, mtimeMs, ino } = await stat(file);
    const stamp = `${size}:${mtimeMs}:${ino}`;
    let known = this.#known.get(file);
    if (known?.stamp !== stamp) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(file), hash);
      known = { stamp, sha256: hash.digest('hex'), bytes: size };
      this.#known.set(file, known);
    }
    return { sha256: known.sha256, blob: { bytes: known.bytes, open: () => createReadStream(file) } };
  }
}

async function* onePiece(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
