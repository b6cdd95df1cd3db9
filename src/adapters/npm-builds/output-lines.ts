/** Lines of one build that are passed on. */
const LINES_MAX = 5_000;
const LINE_CHARS_MAX = 1_000;

/** Turns what steps print into lines for whoever watches, and no more of them than anybody reads. */
export class OutputLines {
  readonly #say: (line: string) => void;
  #rest = '';
  #lines = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n|\r/);
    this.#rest = (lines.pop() ?? '').slice(0, LINE_CHARS_MAX);
    for (const line of lines) this.#pass(line);
  }

  /** Passes on what had no end of line. */
  end(): void {
    if (this.#rest !== '') this.#pass(this.#rest);
    this.#rest = '';
  }

  #pass(line: string): void {
    this.#lines += 1;
    if (this.#lines < LINES_MAX) this.#say(`  ${line.slice(0, LINE_CHARS_MAX)}`);
    else if (this.#lines === LINES_MAX) this.#say('  … and more, which is left out.');
  }
}
