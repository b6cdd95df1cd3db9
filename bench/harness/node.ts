import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Status, UsageReport } from '../../src/contract/control-api.ts';
import { end, firstLine, start } from './process.ts';
import type { RunOptions } from './scenario.ts';
import { makeFolder } from './temporary-folder.ts';

const CLI_TIMEOUT_MS = 600_000;
const CLI_OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const QUIET_TIMEOUT_MS = 60_000;

/** Which program a node runs, and how it isolates. */
export type NodeKind = Pick<RunOptions, 'isolation' | 'program'>;

/** What `mayfly up --json` says when it is ready. */
interface Ready {
  readonly gateway: string;
  readonly control: string;
  readonly pid: number;
}

/** A node as an operator runs it: `mayfly up`, a process of its own, driven by the command line and over HTTP. */
export class BenchNode {
  readonly gatewayUrl: string;
  readonly pid: number;
  readonly dataDir: string;
  /** From starting the process to its line that says it is ready, ms. */
  readonly readyMs: number;
  readonly #program: string;
  readonly #controlUrl: string;
  readonly #token: string;
  readonly #stop: () => Promise<void>;

  private constructor(
    program: string,
    ready: Ready,
    dataDir: string,
    readyMs: number,
    token: string,
    stop: () => Promise<void>,
  ) {
    this.#program = program;
    this.gatewayUrl = ready.gateway;
    this.#controlUrl = ready.control;
    this.pid = ready.pid;
    this.dataDir = dataDir;
    this.readyMs = readyMs;
    this.#token = token;
    this.#stop = stop;
  }

  /** `flags` beside those of every node; `dataDir` of an earlier one to start it again. */
  static async start(
    { isolation, program }: NodeKind,
    flags: readonly string[] = [],
    dataDir?: string,
  ): Promise<BenchNode> {
    const data = dataDir ?? join(await makeFolder(), 'data');
    const all = ['up', '--json', '--data', data, '--isolation', isolation];
    const started = performance.now();
    const child = start(
      process.execPath,
      [program, ...all, '--gateway-port', '0', '--control-port', '0', '--stop-with-stdin', ...flags],
      { stdio: ['pipe', 'pipe', 'inherit'], env: environment() },
    );
    const ready = await firstLine(child, 'mayfly up', (line) => JSON.parse(line) as Ready);
    const readyMs = performance.now() - started;
    const token = (await readFile(join(data, 'operator-token'), 'utf8')).trim();
    return new BenchNode(program, ready, data, readyMs, token, () => end(child));
  }

  /** Runs a node for `use`, and ends it. */
  static async with<T>(
    kind: NodeKind,
    flags: readonly string[],
    use: (node: BenchNode) => Promise<T>,
  ): Promise<T> {
    const node = await BenchNode.start(kind, flags);
    try {
      return await use(node);
    } finally {
      await node.close();
    }
  }

  /** `mayfly deploy` of a folder. */
  async deploy(folder: string): Promise<void> {
    await this.#mayfly('deploy', folder);
  }

  /** Calls that stand in the ledger, by `mayfly usage`. */
  async callsInLedger(): Promise<number> {
    const report = JSON.parse(await this.#mayfly('usage')) as UsageReport;
    return report.total.calls;
  }

  urlOf(app: string, name: string): string {
    return `${this.gatewayUrl}/@${app}/${name}`;
  }

  async status(): Promise<Status> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.#controlUrl}/v1/status`, { headers });
    if (!response.ok) throw new Error(`The node's status: ${response.status} ${await response.text()}`);
    return (await response.json()) as Status;
  }

  /**
   * Waits until no instance is starting or ending and at least `prewarmed` empty ones are kept, so that what is measured
   * next begins from rest.
   */
  async quiet(prewarmed: number): Promise<void> {
    const deadline = performance.now() + QUIET_TIMEOUT_MS;
    while (performance.now() < deadline) {
      const { instances } = await this.status();
      const moving = ['booting', 'specialising', 'draining', 'busy'].some(
        (state) => (instances[state] ?? 0) > 0,
      );
      if (!moving && (instances.prewarmed ?? 0) >= prewarmed) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`The node did not come to rest: ${JSON.stringify((await this.status()).instances)}`);
  }

  close(): Promise<void> {
    return this.#stop();
  }

  /** Runs a command against this node, and gives what it printed. */
  async #mayfly(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [this.#program, ...args, '--data', this.dataDir, '--json'],
      { env: environment(), timeout: CLI_TIMEOUT_MS, maxBuffer: CLI_OUTPUT_BYTES_MAX },
    );
    return stdout;
  }
}

/** Without settings of the person who runs the benchmark: the node and its client are configured by flags alone. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MAYFLY_')));
}
