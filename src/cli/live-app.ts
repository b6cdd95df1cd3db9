import type { BuiltApp } from '../build/built-app.ts';
import type { IncrementalBuilder } from '../build/incremental-builder.ts';
import { formatProblem } from '../build/problem.ts';
import type { DeployAnswer } from '../contract/release-api.ts';
import { toMayflyError } from '../domain/errors.ts';
import type { ApiClient } from './api-client.ts';
import { makeLive } from './deployment.ts';
import { problemOf } from './errors.ts';
import { buildNotices } from './finding-text.ts';
import { formatMs } from './format.ts';
import type { Printer } from './printer.ts';
import { routeTable } from './route-table.ts';
import { waitingText } from './trigger-text.ts';

interface Parts {
  readonly builder: IncrementalBuilder;
  readonly client: ApiClient;
  readonly environment: string;
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

/**
 * Keeps an environment of a node equal to a folder: builds what changed, deploys it when the result differs, and says so. A build
 * that fails is told with its places, and what was live stays live.
 */
export class LiveApp {
  /** Told after each build that worked: the files that decided its result. */
  onSources: (files: readonly string[]) => void = () => {};
  readonly #parts: Parts;
  /** What is live, as text to compare with. */
  #live = '';
  #routes = '';
  #notices = '';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Never rejects, unless interrupted: an author's mistake is answered by the next save, a lost node by its own end. */
  async update(changed?: readonly string[]): Promise<void> {
    const { builder, signal, printer } = this.#parts;
    const started = performance.now();
    try {
      const built = await builder.build({ signal, ...(changed === undefined ? {} : { changed }) });
      this.onSources(built.watchPaths);
      const content = JSON.stringify([built.manifest, built.artifacts]);
      if (content === this.#live) return;
      const { client, environment } = this.#parts;
      const answer = await makeLive(client, built, { environment });
      this.#live = content;
      this.#tell(answer, built, performance.now() - started);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toMayflyError(thrown);
      const stays =
        this.#live === '' ? 'Nothing is live yet; waiting for a save.' : 'The last release stays live.';
      printer.record({ event: 'failed', problem: problemOf(error) }, () =>
        [`${printer.paint('red', 'error')} ${error.message}`, `  ${stays}`].join('\n'),
      );
    }
  }

  #tell(answer: DeployAnswer, built: BuiltApp, ms: number): void {
    const { printer } = this.#parts;
    const waiting = waitingText(answer.functions);
    const notices = [...buildNotices(built, formatProblem), ...(waiting === null ? [] : [waiting])].join(
      '\n',
    );
    if (notices !== '' && notices !== this.#notices) printer.notice(notices);
    this.#notices = notices;
    const table = routeTable(answer, built.manifest, printer.paint);
    const shown = table === this.#routes ? '' : `${table}\n`;
    this.#routes = table;
    printer.record(
      { event: 'deployed', ms: Math.round(ms), ...answer },
      () => `${shown}${printer.paint('green', 'live')} ${answer.release} in ${formatMs(ms)}`,
    );
  }
}
