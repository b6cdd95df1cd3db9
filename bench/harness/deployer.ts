import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { ApiClient, type ApiTarget } from '../../src/cli/api-client.ts';
import { deployBuild } from '../../src/cli/deployment.ts';

export interface PreparedDeploys {
  readonly target: ApiTarget;
  /** Of the app. */
  readonly folder: string;
  /** The file that changes from one deploy to the next, and what it becomes. */
  readonly file: string;
  readonly texts: readonly string[];
  /** Between one and the next, ms. */
  readonly pauseMs: number;
}

/** Builds apps, then sends them when it is told to: in a thread of its own, so that it holds up no client that is measured. */
export class Deployer {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async prepare(deploys: PreparedDeploys): Promise<Deployer> {
    const worker = new Worker(import.meta.filename, { workerData: deploys });
    await once(worker, 'message');
    return new Deployer(worker);
  }

  /** Resolves when all are live. @throws MayflyError what one of them failed with */
  async send(): Promise<void> {
    const ended = once(this.#worker, 'exit');
    this.#worker.postMessage('send');
    await ended;
  }
}

if (!isMainThread && parentPort !== null) {
  const { target, folder, file, texts, pauseMs } = workerData as PreparedDeploys;
  const built = [];
  for (const text of texts) {
    await writeFile(file, text);
    built.push(await buildApp(await loadApp(folder)));
  }
  const client = new ApiClient(target, new AbortController().signal);
  const told = once(parentPort, 'message');
  parentPort.postMessage('ready');
  await told;
  for (const app of built) {
    await deployBuild(client, app, { environment: 'production' });
    await setTimeout(pauseMs);
  }
  client.close();
  process.exit(0);
}
