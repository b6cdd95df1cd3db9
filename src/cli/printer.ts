import { type Paint, paintFor } from './paint.ts';
import { type Progress, SILENT, startProgress } from './progress.ts';
import type { Shell } from './shell.ts';

/**
 * How a command speaks. stdout holds results and nothing else: text for people, or with `--json` one JSON document (one
 * a line for streams). stderr holds progress and notices for people, and on failure the error.
 */
export class Printer {
  readonly json: boolean;
  readonly paint: Paint;
  readonly #shell: Shell;

  constructor(shell: Shell, options: { readonly json?: boolean }) {
    this.#shell = shell;
    this.json = options.json === true;
    this.paint = paintFor(shell, shell.stdout);
  }

  /** The result of the command. */
  document(value: unknown, text: () => string): void {
    this.#shell.stdout.write(`${this.json ? JSON.stringify(value, null, 2) : text()}\n`);
  }

  /** One record of a stream. */
  record(value: unknown, text: () => string): void {
    this.#shell.stdout.write(`${this.json ? JSON.stringify(value) : text()}\n`);
  }

  /** Something worth knowing that is no result. */
  notice(text: string): void {
    if (!this.json) this.#shell.stderr.write(`${text}\n`);
  }

  progress(text: string): Progress {
    return this.json ? SILENT : startProgress(this.#shell, text);
  }
}
