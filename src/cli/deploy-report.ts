import type { DeployAnswer, DeployEvent, DeployStage } from '../contract/release-api.ts';
import { problemOf } from './errors.ts';
import { printable } from './paint.ts';
import type { Printer } from './printer.ts';
import type { Progress } from './progress.ts';

/** The node's stages, to people. */
const DOING: Readonly<Record<DeployStage, string>> = {
  check: 'Checking',
  runtime: 'Fetching the runtime',
  upload: 'Assembling',
  image: 'Unpacking the image',
  resources: 'Looking after resources',
  warm: 'Warming',
  smoke: 'Testing',
  activate: 'Activating',
};

/**
 * Tells how a deploy gets on: to people as progress on stderr, with `--events` as one JSON line an event on stdout. The
 * events are those of the node (`DeployEvent`), and before them the stages that are done here: `build` and `upload`.
 */
export class DeployReport {
  readonly #printer: Printer;
  readonly #progress: Progress;
  readonly #events: boolean;

  constructor(printer: Printer, events: boolean) {
    this.#printer = printer;
    this.#events = events;
    this.#progress = printer.progress('Building');
    this.#record({ event: 'stage', stage: 'build', at: Date.now(), message: 'Building' });
  }

  /** Something that is done on this side. */
  own(stage: DeployStage | 'build', message: string): void {
    this.#progress.update(message);
    this.#record({ event: 'stage', stage, at: Date.now(), message });
  }

  stage(event: Extract<DeployEvent, { event: 'stage' }>): void {
    this.#progress.update(`${DOING[event.stage]}: ${printable(event.message)}`);
    this.#record(event);
  }

  done(answer: DeployAnswer, text: () => string): void {
    this.#progress.done();
    if (this.#events) this.#record({ event: 'done', at: Date.now(), answer });
    else this.#printer.document(answer, text);
  }

  /** The error itself is printed by whoever catches it. */
  failed(error: unknown): void {
    this.#progress.done();
    this.#record({ event: 'failed', at: Date.now(), problem: problemOf(error) });
  }

  /** Ends the progress, so that other lines may follow. */
  settle(): void {
    this.#progress.done();
  }

  #record(event: unknown): void {
    if (this.#events) this.#printer.record(event, () => '');
  }
}
