/** What a tar archive says of one of its members. */
export interface TarEntry {
  /** As written: it may be absolute, or climb. Without a `./` at its beginning and a `/` at its end. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'device' | 'other';
  /** Where a link leads, as written; empty for the rest. */
  readonly target: string;
  /** Bytes of content. */
  readonly bytes: number;
  /** Permission bits. */
  readonly mode: number;
  /** Where its content begins in the archive. */
  readonly offset: number;
}

/** An archive that is cut off, or no archive. */
export class TarError extends Error {}

const BLOCK_BYTES = 512;
/** Longest name or extended header, bytes. */
const HEADER_BYTES_MAX = 64 * 1024;
const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'device',
};

/**
 * Reads a tar archive (POSIX ustar and pax, and GNU's long names) as it streams in; nothing is kept but one header.
 * `onEntry` may read the content or leave it, but not after it has returned.
 * @throws TarError, and what `onEntry` or the source throws
 */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  onEntry: (entry: TarEntry, content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const bytes = new ByteReader(source);
  try {
    let extended: Record<string, string> = {};
    for (;;) {
      const header = await bytes.take(BLOCK_BYTES);
      // Two blocks of zeros end it; one is enough for us, and so is the end of the stream.
      if (header === null || header.every((byte) => byte === 0)) return;
      checkSum(header);
      const type = String.fromCharCode(header[156]!);
      const size = extended.size === undefined ? numberAt(header, 124, 12) : Number(extended.size);
      if (!Number.isSafeInteger(size) || size < 0) throw new TarError('a member has no proper size');
      if ('xgLK'.includes(type)) {
        Object.assign(extended, await readExtension(bytes, type, size));
      } else {
        const entry = { ...entryOf(header, type, size, extended), offset: bytes.taken };
        const content = bytes.part(entry.bytes);
        await onEntry(entry, content);
        for await (const _ of content);
        extended = {};
      }
      await bytes.skip((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
    }
  } finally {
    await bytes.close();
  }
}

function entryOf(
  header: Uint8Array,
  type: string,
  size: number,
  extended: Readonly<Record<string, string>>,
): Omit<TarEntry, 'offset'> {
  const kind = KINDS[type] ?? 'other';
  const isUstar = textAt(header, 257, 5) === 'ustar';
  const prefix = isUstar && textAt(header, 257, 8) !== 'ustar  ' ? textAt(header, 345, 155) : '';
  const name = textAt(header, 0, 100);
  const path = extended.path ?? (prefix === '' ? name : `${prefix}/${name}`);
  return {
    path: path.replace(/^(\.\/+)+/, '').replace(/\/+$/, ''),
    // Before there was a type for folders they were files whose name ends with a slash.
    kind: kind === 'file' && path.endsWith('/') ? 'folder' : kind,
    target: extended.linkpath ?? textAt(header, 157, 100),
    bytes: size,
    mode: numberAt(header, 100, 8) & 0o7777,
  };
}

/** What a header that is about the next member says of it; what one says about all of them is not needed. */
async function readExtension(bytes: ByteReader, type: string, size: number): Promise<Record<string, string>> {
  if (size > HEADER_BYTES_MAX) throw new TarError('a header is too long');
  const body = (await bytes.take(size)) ?? new Uint8Array();
  if (type === 'g') return {};
  if (type === 'x') return readPax(body);
  const text = new TextDecoder().decode(body).replace(/\0.*$/s, '');
  return type === 'L' ? { path: text } : { linkpath: text };
}

/** Records of the form `LENGTH KEY=VALUE\n`; the length counts itself. */
function readPax(body: Uint8Array): Record<string, string> {
  const found: Record<string, string> = {};
  for (let offset = 0; offset < body.length; ) {
    const space = body.indexOf(0x20, offset);
    const length = Number(new TextDecoder().decode(body.subarray(offset, space)));
    if (space < 0 || !Number.isInteger(length) || length < 5 || offset + length > body.length)
      throw new TarError('an extended header is malformed');
    const record = new TextDecoder().decode(body.subarray(space + 1, offset + length - 1));
    const key = record.slice(0, record.indexOf('='));
    if (['path', 'linkpath', 'size'].includes(key)) found[key] = record.slice(key.length + 1);
    offset += length;
  }
  return found;
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  if (sum !== numberAt(header, 148, 8)) throw new TarError('this is no tar archive, or a damaged one');
}

function textAt(header: Uint8Array, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or (GNU) the first bit set and a binary number. */
function numberAt(header: Uint8Array, offset: number, length: number): number {
  if ((header[offset]! & 0x80) === 0) {
    const text = textAt(header, offset, length).trim();
    return text === '' ? 0 : Number.parseInt(text, 8);
  }
  return header
    .subarray(offset + 1, offset + length)
    .reduce((number, byte) => number * 256 + byte, header[offset]! & 0x7f);
}

/** Takes parts of known length from a stream of chunks. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  /** Bytes that were given so far. */
  taken = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; null: the stream had ended before the first. @throws TarError when it ends among them */
  async take(length: number): Promise<Uint8Array | null> {
    const taken = new Uint8Array(length);
    let filled = 0;
    for await (const part of this.#upTo(length)) {
      taken.set(part, filled);
      filled += part.length;
    }
    if (filled === length) return taken;
    if (filled === 0) return null;
    throw new TarError('the archive is cut off');
  }

  /** The next so many bytes as they come; reading again goes on where reading stopped. */
  part(length: number): AsyncIterable<Uint8Array> {
    let left = length;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      if (left === 0) return { done: true, value: undefined };
      const value = await this.#chunk(left);
      if (value === null) throw new TarError('the archive is cut off');
      left -= value.length;
      return { done: false, value };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.#upTo(length));
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async *#upTo(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      const part = await this.#chunk(left);
      if (part === null) return;
      left -= part.length;
      yield part;
    }
  }

  /** What there is, at most so many bytes; null at the end. */
  async #chunk(lengthMax: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return null;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, lengthMax);
    this.#rest = this.#rest.subarray(part.length);
    this.taken += part.length;
    return part;
  }
}
