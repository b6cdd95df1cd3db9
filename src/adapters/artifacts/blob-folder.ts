import { createHash } from 'node:crypto';
import { constants, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { copyFile, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { MayflyError } from '../../domain/errors.ts';

/** A blob's suffix when its mode is executable: a mode belongs to the inode, and hard links share theirs. */
const EXECUTABLE = '.x';

/**
 * Blobs as files named by their digest: `ab/SHA` (mode 444) and, where an artifact needs it, `ab/SHA.x` (mode 555).
 * Nobody writes to a blob after it has got its name: code trees are hard links to it.
 */
export class BlobFolder {
  readonly #path: string;
  readonly #bytesMax: number;
  /** A mark that is younger need not be renewed, ms. */
  readonly #freshMs: number;
  #incoming = 0;

  /** Opens the folder, and removes what was being written when an earlier process ended. */
  constructor(path: string, bytesMax: number, freshMs: number) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#freshMs = freshMs;
    rmSync(`${path}/incoming`, { recursive: true, force: true });
    mkdirSync(`${path}/incoming`, { recursive: true });
  }

  pathOf(sha256: string, executable: boolean): string {
    return `${this.#path}/${sha256.slice(0, 2)}/${sha256}${executable ? EXECUTABLE : ''}`;
  }

  /** Marks a blob as wanted at `wall` (ms since the epoch), unless it was marked so shortly before. Returns its size, or null when it is not there. */
  async touch(sha256: string, wall: number): Promise<number | null> {
    const path = this.pathOf(sha256, false);
    try {
      const { size, mtimeMs } = await stat(path);
      if (wall - mtimeMs >= this.#freshMs) await utimes(path, wall / 1000, wall / 1000);
      return size;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw thrown;
    }
  }

  /**
   * Takes in the content of a blob, under a name of nobody's until `publish` gives it its own. Returns that name.
   * @throws MayflyError VALIDATION_FAILED, BODY_TOO_LARGE; or what the file system throws
   */
  async receive(sha256: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<string> {
    this.#check(sha256, bytes);
    return await this.#write(async (temporary) => {
      const file = await open(temporary, 'wx', 0o444);
      try {
        const hash = createHash('sha256');
        let written = 0;
        for await (const chunk of content) {
          written += chunk.byteLength;
          if (written > bytes) throw refuse(`Blob ${sha256} is longer than the ${bytes} bytes announced.`);
          hash.update(chunk);
          await writeWhole(file, chunk);
        }
        if (written < bytes) throw refuse(`Blob ${sha256} ended after ${written} of ${bytes} bytes.`);
        if (hash.digest('hex') !== sha256)
          throw refuse(`The content sent as blob ${sha256} has another digest.`);
        await file.chmod(0o444);
        await file.sync();
      } finally {
        await file.close();
      }
    });
  }

  /** The same with a file of this file system, whose digest its maker has made. */
  async adopt(sha256: string, bytes: number, path: string): Promise<string> {
    this.#check(sha256, bytes);
    return await this.#write(async (temporary) => {
      await rename(path, temporary);
      const file = await open(temporary, 'r');
      try {
        const { size } = await file.stat();
        if (size !== bytes) throw refuse(`Blob ${sha256} has ${size} bytes, not the ${bytes} announced.`);
        await file.chmod(0o444);
        await file.sync();
      } finally {
        await file.close();
      }
    });
  }

  /** Gives what was received its name, wanted at `wall`; one that is there already stays as it is, its links with it. */
  async publish(received: string, sha256: string, wall: number): Promise<void> {
    await this.#rename(received, this.pathOf(sha256, false));
    await this.touch(sha256, wall);
  }

  /** Makes sure that the executable form of a blob is there. */
  async addExecutable(sha256: string): Promise<void> {
    const path = this.pathOf(sha256, true);
    if ((await stat(path).catch(() => null)) !== null) return;
    const copied = await this.#write(async (temporary) => {
      await copyFile(this.pathOf(sha256, false), temporary, constants.COPYFILE_FICLONE);
      const file = await open(temporary, 'r');
      try {
        await file.chmod(0o555);
        await file.sync();
      } finally {
        await file.close();
      }
    });
    await this.#rename(copied, path);
  }

  /** @throws MayflyError NOT_FOUND */
  async read(sha256: string): Promise<AsyncIterable<Uint8Array>> {
    try {
      return (await open(this.pathOf(sha256, false), 'r')).createReadStream();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      throw new MayflyError('NOT_FOUND', `There is no blob ${sha256} on this node.`, { cause });
    }
  }

  /** Names of the parts that `removeFrom` works through. */
  parts(): string[] {
    return readdirSync(this.#path).filter((name) => /^[0-9a-f]{2}$/.test(name));
  }

  /** Removes, of one part, the blobs that are not in `keep` and were last wanted before `before` (ms since the epoch). */
  async removeFrom(
    part: string,
    keep: ReadonlySet<string>,
    before: number,
  ): Promise<{ blobs: number; bytes: number }> {
    const removed = { blobs: 0, bytes: 0 };
    for (const name of await readdir(`${this.#path}/${part}`)) {
      const sha256 = name.slice(0, 64);
      if (keep.has(sha256)) continue;
      // Asking for a blob touches the plain file only; it stands for both.
      const plain = await stat(this.pathOf(sha256, false)).catch(() => null);
      if (plain !== null && plain.mtimeMs >= before) continue;
      const { size } = await stat(`${this.#path}/${part}/${name}`);
      await rm(`${this.#path}/${part}/${name}`);
      removed.blobs += 1;
      removed.bytes += size;
    }
    return removed;
  }

  #check(sha256: string, bytes: number): void {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw refuse('The name of a blob is its SHA-256 in lower-case hex.');
    if (bytes > this.#bytesMax) {
      throw new MayflyError('BODY_TOO_LARGE', `A blob has at most ${this.#bytesMax} bytes.`);
    }
  }

  /** Runs `write` on a temporary name, and answers that name. */
  async #write(write: (temporary: string) => Promise<void>): Promise<string> {
    this.#incoming += 1;
    const temporary = `${this.#path}/incoming/${this.#incoming}`;
    try {
      await write(temporary);
      return temporary;
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }

  /** Not over one that is there, except for the kind that a power cut left short. */
  async #rename(temporary: string, path: string): Promise<void> {
    try {
      mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
      const there = await stat(path).catch(() => null);
      if (there === null || there.size !== (await stat(temporary)).size) await rename(temporary, path);
      else await rm(temporary);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    offset += (await file.write(chunk, offset)).bytesWritten;
  }
}

const refuse = (message: string) => new MayflyError('VALIDATION_FAILED', message);
