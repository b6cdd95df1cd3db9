import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { BenchNode, type NodeKind } from './node.ts';
import { makeFolder } from './temporary-folder.ts';

const PROBE = join(import.meta.dirname, '../yardsticks/event-loop-probe.js');
const ANSWER_TIMEOUT_MS = 10_000;
/** Between two looks for the probe's answer, ms. */
const LOOK_MS = 5;

/** A node that tells how late its event loop is, by a probe that is loaded before it: the program itself is what it always is. */
export class WatchedNode {
  readonly node: BenchNode;
  readonly #file: string;

  private constructor(node: BenchNode, file: string) {
    this.node = node;
    this.#file = file;
  }

  static async with<T>(
    kind: NodeKind,
    flags: readonly string[],
    use: (watched: WatchedNode) => Promise<T>,
  ): Promise<T> {
    const file = join(await makeFolder(), 'delays.json');
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(PROBE).href}`, BENCH_EVENT_LOOP: file };
    const node = await BenchNode.start(kind, flags, { env });
    try {
      return await use(new WatchedNode(node, file));
    } finally {
      await node.close();
    }
  }

  /** How late the event loop was for whoever came at any millisecond of what `act` takes, ms. */
  async delaysDuring(act: () => Promise<unknown>): Promise<number[]> {
    await this.#take();
    await act();
    return await this.#take();
  }

  async #take(): Promise<number[]> {
    await rm(this.#file, { force: true });
    process.kill(this.node.pid, 'SIGUSR2');
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    for (;;) {
      const text = await readFile(this.#file, 'utf8').catch(() => null);
      if (text !== null) return JSON.parse(text) as number[];
      if (performance.now() > deadline) throw new Error('The probe of the event loop does not answer.');
      await setTimeout(LOOK_MS);
    }
  }
}
