/** A "word" longer than this is no word; it bounds what is carried from one chunk to the next. */
const WORD_LENGTH_MAX = 256;
/** Different words that are counted by name; a text has some ten thousand, noise has no end. */
const VOCABULARY_MAX = 200_000;
const TOP = 10;

export interface Counted {
  readonly bytes: number;
  /** Line feeds, as `wc -l` counts. */
  readonly lines: number;
  /** Runs of characters between white space, as `wc -w` counts. */
  readonly words: number;
  /** The most frequent words of letters and apostrophes, in lower case; equally frequent ones by alphabet. */
  readonly top: readonly { readonly word: string; readonly count: number }[];
}

/** Counts a text that arrives in chunks, cut anywhere: inside a word, a line, a character. */
export class WordCount {
  readonly #decoder = new TextDecoder();
  readonly #frequency = new Map<string, number>();
  #bytes = 0;
  #lines = 0;
  #words = 0;
  /** The word that the last chunk broke off in. */
  #rest = '';
  #inWord = false;

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  finish(): Counted {
    this.#take(`${this.#decoder.decode()} `);
    const top = [...this.#frequency]
      .sort(([left, most], [right, least]) => least - most || (left < right ? -1 : 1))
      .slice(0, TOP)
      .map(([word, count]) => ({ word, count }));
    return { bytes: this.#bytes, lines: this.#lines, words: this.#words, top };
  }

  #take(text: string): void {
    for (const [run] of text.matchAll(/\s+|\S+/g)) {
      const isSpace = /^\s/.test(run);
      if (!isSpace && !this.#inWord) this.#words += 1;
      this.#inWord = !isSpace;
      if (isSpace) for (const char of run) if (char === '\n') this.#lines += 1;
    }
    const joined = this.#rest + text;
    const broken = /[\p{L}'’]*$/u.exec(joined)?.[0] ?? '';
    this.#rest = broken.slice(0, WORD_LENGTH_MAX);
    const whole = joined.slice(0, joined.length - broken.length);
    for (const [word] of whole.matchAll(/\p{L}[\p{L}'’]*/gu)) this.#see(word.toLowerCase());
  }

  #see(word: string): void {
    const seen = this.#frequency.get(word);
    if (seen === undefined && this.#frequency.size >= VOCABULARY_MAX) return;
    this.#frequency.set(word, (seen ?? 0) + 1);
  }
}
