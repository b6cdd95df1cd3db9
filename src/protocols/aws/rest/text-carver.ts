import { SegmentedBytes } from './segmented-bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const [BRACE_OPEN, BRACE_CLOSE, BRACKET_OPEN, BRACKET_CLOSE] = [0x7b, 0x7d, 0x5b, 0x5d];

export interface Carved {
  /** The JSON with the member's value empty. */
  readonly rest: Buffer;
  /** What stood between the quotes, escapes included, one after the other. Memory of its own, that may be given away. */
  readonly text: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Takes the text of one member out of a JSON body while that comes in: 70 MB of base64 in one piece would hold up the event loop for 200 ms, to be
 * put together, copied and parsed. What the JSON is otherwise, and whether it is JSON, is for a parser of the rest to say.
 */
export class TextCarver {
  readonly #path: readonly string[];
  readonly #rest = new SegmentedBytes();
  #text = new SegmentedBytes();
  /** The key under which each open object is at the moment; null for a list. */
  readonly #open: (string | null)[] = [];
  #place: 'between' | 'text' | 'string' = 'between';
  #escaped = false;
  /** The beginning of the string that is being read, or was last: it may be a key. */
  #string: number[] = [];
  /** The last sign was a colon. */
  #valueNext = false;

  /** `path`: the keys that lead to the member. */
  constructor(path: readonly string[]) {
    this.#path = path;
  }

  /** Of everything but the member's text. */
  get restBytes(): number {
    return this.#rest.length;
  }

  push(part: Uint8Array): void {
    for (let at = 0; at < part.length; ) {
      if (this.#place === 'text') at = this.#takeText(part, at);
      else if (this.#place === 'string') at = this.#passString(part, at);
      else at = this.#passBetween(part, at);
    }
  }

  end(): Carved {
    return { rest: Buffer.concat(this.#rest.segments()), text: this.#text.segments() };
  }

  #takeText(part: Uint8Array, from: number): number {
    const end = this.#endOfString(part, from);
    this.#text.push(part.subarray(from, end));
    return this.#leaveString(part, end);
  }

  #passString(part: Uint8Array, from: number): number {
    const end = this.#endOfString(part, from);
    // No key of ours is longer.
    if (this.#string.length < KEY_BYTES_MAX)
      this.#string.push(...part.subarray(from, Math.min(end, from + KEY_BYTES_MAX)));
    this.#rest.push(part.subarray(from, end));
    return this.#leaveString(part, end);
  }

  /** Where the quote is that ends the string, or the end of the part. */
  #endOfString(part: Uint8Array, from: number): number {
    let at = from;
    if (this.#escaped && at < part.length) {
      this.#escaped = false;
      at += 1;
    }
    for (;;) {
      const quote = part.indexOf(QUOTE, at);
      const end = quote === -1 ? part.length : quote;
      const backslash = part.subarray(at, end).indexOf(BACKSLASH);
      if (backslash === -1) return end;
      at += backslash + 2;
      if (at <= part.length) continue;
      this.#escaped = true;
      return part.length;
    }
  }

  #leaveString(part: Uint8Array, end: number): number {
    if (end === part.length) return end;
    this.#place = 'between';
    this.#rest.push(part.subarray(end, end + 1));
    return end + 1;
  }

  #passBetween(part: Uint8Array, from: number): number {
    let at = from;
    while (at < part.length && this.#place === 'between') {
      this.#sign(part[at]!);
      at += 1;
    }
    this.#rest.push(part.subarray(from, at));
    return at;
  }

  #sign(sign: number): void {
    if (sign === QUOTE) {
      this.#place = this.#valueNext && this.#isAtMember() ? 'text' : 'string';
      if (this.#place === 'string') this.#string = [];
      // Of a member that comes twice the second counts, as for any parser.
      else this.#text = new SegmentedBytes();
    } else if (sign === BRACE_OPEN) this.#open.push('');
    else if (sign === BRACKET_OPEN) this.#open.push(null);
    else if (sign === BRACE_CLOSE || sign === BRACKET_CLOSE) this.#open.pop();
    else if (sign === COLON && this.#open.at(-1) !== null && this.#open.length > 0)
      this.#open[this.#open.length - 1] = keyOf(this.#string);
    if (sign > SPACE) this.#valueNext = sign === COLON;
  }

  #isAtMember(): boolean {
    const open = this.#open;
    return open.length === this.#path.length && this.#path.every((key, index) => key === open[index]);
  }
}

const SPACE = 0x20;
const KEY_BYTES_MAX = 256;

/** A key as a parser would read it. */
function keyOf(bytes: readonly number[]): string {
  const raw = Buffer.from(bytes).toString('utf8');
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
