import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
} from 'node:fs/promises';
import { join } from 'node:path';
import { parseSegmentName, type Segment, sealedName } from './segment.ts';

const SUM_ENDING = '.sum';
const TEMPORARY_ENDING = '.tmp';

/** The folder of a segment store: everything that touches the file system. */
export class SegmentDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder, removes what a crash left half made, and lists the segments of that extension in their order. */
  async open(extension: string): Promise<Segment[]> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const segments: Segment[] = [];
    for (const name of await readdir(this.path)) {
      if (name.endsWith(TEMPORARY_ENDING)) await rm(join(this.path, name), { force: true });
      const segment = parseSegmentName(name, extension);
      if (segment === null) continue;
      segment.bytes = (await stat(join(this.path, name))).size;
      segments.push(segment);
    }
    return segments.sort((a, b) => a.number - b.number);
  }

  /** Creates the file of an open segment. */
  async create(segment: Segment): Promise<FileHandle> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    return open(join(this.path, segment.name), 'wx', 0o600);
  }

  /** Writes all of `bytes` at `position`; what stood there after a failed attempt is overwritten. */
  async write(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
  }

  /** The bytes of a segment, or null when retention has removed it. */
  async read(segment: Segment): Promise<Buffer | null> {
    for (;;) {
      const name = segment.name;
      try {
        return await readFile(join(this.path, name));
      } catch (error) {
        if (!isMissing(error)) throw error;
        // Sealed, and so renamed, between our look at its name and the opening: look again.
        if (segment.name === name) return null;
      }
    }
  }

  /** Cuts a file to its whole frames. */
  async cut(segment: Segment): Promise<void> {
    await truncate(join(this.path, segment.name), segment.bytes);
  }

  /** Renames the file of an open segment to its final name. */
  async seal(segment: Segment): Promise<void> {
    const name = sealedName(segment);
    await rename(join(this.path, segment.name), join(this.path, name));
    segment.name = name;
    segment.sealed = true;
  }

  async remove(segment: Segment): Promise<void> {
    await rm(join(this.path, segment.name), { force: true });
    await rm(this.#sumPath(segment), { force: true });
  }

  /** The stored sum of a sealed segment, or null when there is none. */
  async readSum(segment: Segment): Promise<string | null> {
    try {
      return await readFile(this.#sumPath(segment), 'utf8');
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Stores the sum of a sealed segment; it appears whole or not at all. */
  async writeSum(segment: Segment, text: string): Promise<void> {
    const path = this.#sumPath(segment);
    const file = await open(path + TEMPORARY_ENDING, 'w', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(path + TEMPORARY_ENDING, path);
  }

  #sumPath(segment: Segment): string {
    return join(this.path, segment.name + SUM_ENDING);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
