import {
  COMPILE_CACHE_BYTES_MAX,
  COMPILE_CACHE_FILES_MAX,
  COMPILE_CACHE_NAME,
  type CompileCacheMessage,
} from '../../contract/compile-cache.ts';
import { decodeMeta } from '../../contract/frames.ts';
import type { CompileCache } from '../../ports/artifacts.ts';

/** Puts together a compile cache that a guest sends in parts. What is out of bounds is a RangeError: a violation. */
export class CompileCacheReader {
  #tag = '';
  readonly #parts = new Map<string, Buffer[]>();
  #bytes = 0;

  /** One CACHE frame. @throws RangeError, SyntaxError */
  add(payload: Buffer, flags: number): void {
    const { meta, body } = decodeMeta<CompileCacheMessage | null>(payload, flags);
    const { tag, file } = meta ?? {};
    if (!isName(tag) || !isName(file)) throw new RangeError('a compile cache with a wrong name');
    this.#bytes += body?.length ?? 0;
    if (this.#bytes > COMPILE_CACHE_BYTES_MAX) throw new RangeError('a compile cache that is too large');
    const parts = this.#parts.get(file) ?? [];
    // A copy: a view would keep the whole read buffer of the socket alive.
    if (body !== null) parts.push(Buffer.from(body));
    this.#parts.set(file, parts);
    if (this.#parts.size > COMPILE_CACHE_FILES_MAX) throw new RangeError('a compile cache of too many files');
    this.#tag = tag;
  }

  /** The whole; null when nothing was sent. */
  finish(): CompileCache | null {
    if (this.#parts.size === 0) return null;
    const files = new Map([...this.#parts].map(([file, parts]) => [file, Buffer.concat(parts)]));
    return { tag: this.#tag, files };
  }
}

const isName = (name: unknown): name is string => typeof name === 'string' && COMPILE_CACHE_NAME.test(name);
