import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS } from '../../src/config.ts';
import { type Ended, MayflyProcess } from '../cli/mayfly-process.ts';
import { NodeDriver } from './node-driver.ts';

/** Settings of a node by key, as typed: `{ isolation: 'process' }`. */
export type NodeSettings = Readonly<Record<string, string>>;

/** `mayfly up` as a process of its own, on free ports. It ends with the test's process, however that ends. */
export class NodeProcess extends NodeDriver {
  readonly process: MayflyProcess;
  /** The data folder. */
  readonly data: string;

  private constructor(process: MayflyProcess, folder: string, ready: ReadyLine, token: string) {
    super({ gatewayUrl: ready.gateway, controlUrl: ready.control, folder, token });
    this.process = process;
    this.data = ready.data;
  }

  /** Starts a node on `data/` of the folder, and waits until it serves. */
  static async start(folder: string, settings: NodeSettings = {}): Promise<NodeProcess> {
    const process = spawnNode(folder, settings);
    const ready = JSON.parse(await process.line()) as ReadyLine;
    const token = (await readFile(join(ready.data, 'operator-token'), 'utf8')).trim();
    return new NodeProcess(process, folder, ready, token);
  }

  get pid(): number {
    return this.process.child.pid!;
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    const ended = await this.process.stop(signal);
    this.client.close();
    return ended;
  }
}

interface ReadyLine {
  readonly gateway: string;
  readonly control: string;
  readonly data: string;
}

/** `mayfly up --json` on `data/` of the folder, which need not get ready. */
export function spawnNode(folder: string, settings: NodeSettings = {}): MayflyProcess {
  const all: NodeSettings = {
    data: join(folder, 'data'),
    gatewayPort: '0',
    controlPort: '0',
    edgePort: '0',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([key, value]) => {
    const setting = SETTINGS.find((candidate) => candidate.key === key);
    if (setting === undefined) throw new RangeError(`A node has no setting "${key}".`);
    return [setting.flag, value];
  });
  return new MayflyProcess(['up', '--json', '--stop-with-stdin', ...flags], { cwd: folder });
}

/** A folder for a node and the sources of its apps; the caller removes it by `removeNodeFolder`. */
export function makeNodeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'mf-'));
}

export function removeNodeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
