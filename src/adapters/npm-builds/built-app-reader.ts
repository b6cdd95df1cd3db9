import Compile from 'typebox/compile';
import { type BuiltAppHead, BuiltAppHeadSchema } from '../../contract/built-app-file.ts';
import { MayflyError } from '../../domain/errors.ts';

const HEAD_BYTES_MAX = 32 * 1024 * 1024;
const BLOB_BYTES_MAX = 512 * 1024 * 1024;
const BLOBS_BYTES_MAX = 1024 * 1024 * 1024;
const NEWLINE = 0x0a;
const checkHead = Compile(BuiltAppHeadSchema);

/** Takes a blob; it may leave the content unread. */
export type BlobSink = (sha256: string, bytes: number, content: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * Reads a build that the author's side made (`contract/built-app-file.ts`): nothing in it is trusted before it is checked.
 * @throws MayflyError BUILD_FAILED when it is not what it should be, and whatever `store` throws
 */
export async function readBuiltApp(
  content: AsyncIterable<Uint8Array>,
  store: BlobSink,
): Promise<BuiltAppHead> {
  const bytes = new ByteReader(content);
  try {
    const head = headIn(await bytes.line(HEAD_BYTES_MAX));
    const total = head.blobs.reduce((sum, blob) => sum + blob.bytes, 0);
    if (total > BLOBS_BYTES_MAX || head.blobs.some((blob) => blob.bytes > BLOB_BYTES_MAX))
      throw broken('is too large');
    for (const blob of head.blobs) {
      const part = bytes.next(blob.bytes);
      await store(blob.sha256, blob.bytes, part);
      for await (const _left of part);
    }
    return head;
  } finally {
    await bytes.close();
  }
}

function headIn(line: string): BuiltAppHead {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw broken('does not begin with JSON');
  }
  if (!checkHead.Check(value)) throw broken('does not have the form of one');
  return value;
}

const broken = (why: string) => new MayflyError('BUILD_FAILED', `The build's result ${why}.`);

/** Reads a stream of bytes piece by piece. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#source = content[Symbol.asyncIterator]();
  }

  async line(bytesMax: number): Promise<string> {
    const parts: Uint8Array[] = [];
    for (let length = 0; ; ) {
      const end = this.#rest.indexOf(NEWLINE);
      const part = end < 0 ? this.#rest : this.#rest.subarray(0, end);
      parts.push(part);
      length += part.length;
      if (length > bytesMax) throw broken('is too large');
      this.#rest = this.#rest.subarray(end < 0 ? part.length : end + 1);
      if (end >= 0) return Buffer.concat(parts).toString('utf8');
      await this.#read();
    }
  }

  /** The next `bytes` bytes; may be read in two goes. */
  async *next(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0) await this.#read();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #read(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw broken('ends too soon');
    this.#rest = value;
  }
}
