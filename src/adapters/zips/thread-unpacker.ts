import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MayflyError } from '../../domain/errors.ts';
import { Semaphore } from '../../kit/semaphore.ts';
import type { ArchiveLimits, ArchiveUnpacker, UnpackedArchive } from '../../ports/archive-unpacker.ts';
import type { UnzipJob, UnzipResult } from './unzip-job.ts';

/** Beside this file, in the source as in the published bundle. */
const WORKER = new URL(`./unzip-worker${extname(import.meta.filename)}`, import.meta.url);
/** The thread's own JavaScript: the bytes of archives are not counted here. */
const HEAP_MB_MAX = 256;
/** A thread takes 100 ms to start, and 10 MB: it is kept for the next archive, but not for long. */
const IDLE_MS = 10_000;

/** Unpacks archives one after another in a thread, each into a folder of its own, so that the platform's event loop goes on. */
export class ThreadUnpacker implements ArchiveUnpacker {
  readonly #folder: string;
  readonly #turn = new Semaphore(1);
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;

  /** `folder` is for this alone: what an earlier process left in it is removed. */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  async unpack(base64: readonly Uint8Array<ArrayBuffer>[], limits: ArchiveLimits): Promise<UnpackedArchive> {
    const folder = mkdtempSync(join(this.#folder, 'zip-'));
    const close = () => rm(folder, { recursive: true, force: true });
    try {
      const result = await this.#turn.run(() => this.#inThread({ base64, folder, ...limits }));
      if ('problem' in result) throw new MayflyError('VALIDATION_FAILED', result.problem);
      if ('failure' in result) {
        const code = result.code === 'ENOSPC' ? 'STORAGE_FULL' : 'INTERNAL';
        throw new MayflyError(code, result.failure);
      }
      return { ...result, close };
    } catch (thrown) {
      await close();
      throw thrown;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
    this.#worker = null;
  }

  async #inThread(job: UnzipJob): Promise<UnzipResult> {
    clearTimeout(this.#idle);
    this.#worker ??= new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX }, env: {} });
    const worker = this.#worker;
    const ended = new AbortController();
    const { signal } = ended;
    try {
      worker.postMessage(
        job,
        job.base64.map(({ buffer }) => buffer),
      );
      const [result] = (await Promise.race([
        once(worker, 'message', { signal }),
        once(worker, 'exit', { signal }).then(() => {
          throw new MayflyError('INTERNAL', 'The thread that unpacked ended.');
        }),
      ])) as [UnzipResult];
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
      return result;
    } catch (thrown) {
      await this.close();
      throw thrown;
    } finally {
      ended.abort();
    }
  }
}
