/** Bytes of one character of UTF-8, at most. */
const CHARACTER_BYTES_MAX = 4;

/** Cuts a byte stream into text lines; a line over the bound is cut there, between two characters. Empty lines are left out. */
export class LineReader {
  readonly #lineBytesMax: number;
  readonly #onLine: (line: string) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** `lineBytesMax`: room for a character at least. */
  constructor(lineBytesMax: number, onLine: (line: string) => void) {
    this.#lineBytesMax = Math.max(CHARACTER_BYTES_MAX, lineBytesMax);
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** Tells an unfinished line. */
  end(): void {
    if (this.#pendingBytes > 0) this.#tell(this.#take());
  }

  #keep(part: Buffer): void {
    let rest = part;
    while (this.#pendingBytes + rest.length > this.#lineBytesMax) {
      const room = this.#lineBytesMax - this.#pendingBytes;
      this.#pending.push(rest.subarray(0, room));
      rest = rest.subarray(room);
      const line = this.#take();
      const whole = wholeCharacters(line);
      this.#tell(line.subarray(0, whole));
      if (whole < line.length) this.#add(line.subarray(whole));
    }
    if (rest.length > 0) this.#add(rest);
  }

  #add(part: Buffer): void {
    this.#pending.push(part);
    this.#pendingBytes += part.length;
  }

  #take(): Buffer {
    const line = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }

  #tell(line: Buffer): void {
    this.#onLine(line.toString('utf8'));
  }
}

/** Length of the bytes without a character of UTF-8 that is cut at their end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back < CHARACTER_BYTES_MAX && back < bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const needed = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
