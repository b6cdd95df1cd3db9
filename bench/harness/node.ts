import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApiClient, type ApiTarget } from '../../src/cli/api-client.ts';
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
  /** Of its control API, with the operator's rights. */
  readonly target: ApiTarget;
  readonly client: ApiClient;
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
    this.pid = ready.pid;
    this.dataDir = dataDir;
    this.readyMs = readyMs;
    this.target = { url: ready.control, token };
    this.client = new ApiClient(this.target, new AbortController().signal);
    this.#stop = stop;
  }

  /** `flags` beside those of every node; `dataDir` of an earlier one to start it again; `env` beside the environment. */
  static async start(
    { isolation, program }: NodeKind,
    flags: readonly string[] = [],
    { dataDir, env = {} }: { readonly dataDir?: string; readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<BenchNode> {
    const data = dataDir ?? join(await makeFolder(), 'data');
    const all = ['up', '--json', '--data', data, '--isolation', isolation];
    const started = performance.now();
    const child = start(
      process.execPath,
      [
        program,
        ...all,
        '--gateway-port',
        '0',
        '--control-port',
        '0',
        '--edge-port',
        '0',
        '--stop-with-stdin',
        ...flags,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...environment(), ...env } },
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
    await this.command(['deploy', folder, '--json']);
  }

  /** Calls that stand in the ledger, by `mayfly usage`. */
  async callsInLedger(): Promise<number> {
    const report = JSON.parse(await this.command(['usage', '--json'])) as UsageReport;
    return report.total.calls;
  }

  /** Runs a command against this node, in a folder, and gives what it printed. */
  async command(words: readonly string[], cwd?: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [this.#program, ...words], {
      env: { ...environment(), MAYFLY_DATA: this.dataDir },
      cwd,
      timeout: CLI_TIMEOUT_MS,
      maxBuffer: CLI_OUTPUT_BYTES_MAX,
    });
    return stdout;
  }

  urlOf(app: string, name: string): string {
    return `${this.gatewayUrl}/@${app}/${name}`;
  }

  status(): Promise<Status> {
    return this.client.get<Status>('/v1/status');
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

  async close(): Promise<void> {
    this.client.close();
    await this.#stop();
  }
}

/** Without settings of the person who runs the benchmark: neither the node nor its client takes any of them. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MAYFLY_')));
}
