import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { KeyedLock } from '../../kit/keyed-lock.ts';
import type { RuntimeRecord, RuntimeStore } from '../../ports/runtime-store.ts';
import { type InstalledRuntime, readInstalled } from './installed-runtimes.ts';
import { NpmRegistry, type PackageRegistry } from './npm-registry.ts';
import { integrityOf, PACKAGE_BYTES_MAX, takeBinary } from './runtime-package-reader.ts';
import { NODE_RUNTIMES, packageOf, type RuntimePackage } from './runtime-packages.ts';

export interface FolderRuntimeStoreOptions {
  /** `runtimes/` of the data folder. */
  readonly folder: string;
  /** What the platform itself runs on: `nodejs24`. */
  readonly own: { readonly name: string; readonly version: string; readonly executable: string };
  readonly wall: () => number;
  readonly registry?: PackageRegistry;
}

/** What a guest of a runtime is started with. */
export interface RuntimeBinary {
  readonly version: string;
  readonly executable: string;
}

/** How long a new binary may take to say its version, ms. */
const TRIAL_TIMEOUT_MS = 20_000;
const INCOMING = 'incoming-';

/**
 * Opens the runtimes of a data folder, and clears what a killed platform left there.
 *
 * `NAME.json` says what is here and where; `sha512-HEX/node` is the binary of the package with that digest. A binary is put together
 * in a folder of its own, that folder gets its name, and then the file that names it is replaced: each by rename(2).
 */
export async function openRuntimes(options: FolderRuntimeStoreOptions): Promise<FolderRuntimeStore> {
  const installed = await readInstalled(options.folder);
  return new FolderRuntimeStore(options, installed);
}

export class FolderRuntimeStore implements RuntimeStore {
  readonly #options: FolderRuntimeStoreOptions;
  readonly #registry: PackageRegistry;
  readonly #installed: Map<string, InstalledRuntime>;
  readonly #fetching = new Map<string, Promise<RuntimeRecord>>();
  readonly #locks = new KeyedLock();
  readonly #closing = new AbortController();

  constructor(options: FolderRuntimeStoreOptions, installed: Map<string, InstalledRuntime>) {
    this.#options = options;
    this.#registry = options.registry ?? new NpmRegistry();
    this.#installed = installed;
  }

  list(): RuntimeRecord[] {
    return [...NODE_RUNTIMES.keys()].sort().map((name) => this.#recordOf(name));
  }

  isMissing(name: string): boolean {
    return NODE_RUNTIMES.has(name) && name !== this.#options.own.name && !this.#installed.has(name);
  }

  /** What to start; null: it is not here. */
  find(name: string): RuntimeBinary | null {
    const { own, folder } = this.#options;
    if (name === own.name) return own;
    const found = this.#installed.get(name);
    return found === undefined
      ? null
      : { version: found.version, executable: join(folder, found.folder, 'node') };
  }

  async ensure(name: string): Promise<void> {
    if (this.isMissing(name)) await this.add(name);
  }

  add(name: string): Promise<RuntimeRecord> {
    const under = this.#fetching.get(name);
    if (under !== undefined) return under;
    const fetched = this.#locks.run(name, () => this.#fetch(name)).finally(() => this.#fetching.delete(name));
    this.#fetching.set(name, fetched);
    return fetched;
  }

  async addPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<RuntimeRecord> {
    return this.#locks.run(name, async () => {
      const wanted = this.#wanted(name);
      return this.#inFolder(async (folder) => {
        const tarball = join(folder, 'package.tgz');
        await pipeline(bounded(content), createWriteStream(tarball, { flags: 'wx' }));
        return this.#install(name, wanted, tarball, { from: 'file' });
      });
    });
  }

  async remove(name: string): Promise<void> {
    this.#wanted(name);
    await this.#locks.run(name, async () => {
      const gone = this.#installed.get(name);
      if (gone === undefined) throw new MayflyError('NOT_FOUND', `The runtime "${name}" is not here.`);
      await rm(join(this.#options.folder, `${name}.json`), { force: true });
      this.#installed.delete(name);
      await this.#forget(gone);
    });
  }

  /** Ends what is being downloaded: whoever waits for it gets SHUTTING_DOWN. */
  close(): void {
    this.#closing.abort(new MayflyError('SHUTTING_DOWN', 'The node is draining.'));
  }

  async #fetch(name: string): Promise<RuntimeRecord> {
    const wanted = this.#wanted(name);
    try {
      const { version, integrity } = await this.#registry.newest(wanted, this.#closing.signal);
      const here = this.#installed.get(name);
      if (here?.integrity === integrity) return this.#recordOf(name);
      return await this.#inFolder(async (folder) => {
        const tarball = await this.#registry.download(wanted, version, folder, this.#closing.signal);
        return this.#install(name, wanted, tarball, { from: 'registry', integrity });
      });
    } catch (thrown) {
      throw wayOut(name, wanted, toMayflyError(thrown));
    }
  }

  async #install(
    name: string,
    wanted: RuntimePackage,
    tarball: string,
    origin: { readonly from: 'registry' | 'file'; readonly integrity?: string },
  ): Promise<RuntimeRecord> {
    const { folder, wall } = this.#options;
    if ((await stat(tarball)).size > PACKAGE_BYTES_MAX) throw tooLarge();
    const integrity = await integrityOf(tarball);
    if (origin.integrity !== undefined && origin.integrity !== integrity) {
      const text = `What came for ${wanted.name} is not what the registry promised (${origin.integrity}, not ${integrity}).`;
      throw new MayflyError('RUNTIME_UNAVAILABLE', text);
    }
    const fresh = await mkdtemp(join(folder, INCOMING));
    try {
      const executable = join(fresh, 'node');
      const found = await takeBinary(tarball, executable);
      checkIdentity(found, wanted);
      await tryOut(executable, found.version);
      await rm(tarball, { force: true });
      const place = placeOf(integrity);
      const row: InstalledRuntime = {
        version: found.version,
        bytes: (await stat(executable)).size,
        from: origin.from,
        integrity,
        addedAt: wall(),
        folder: place,
      };
      await publish(folder, name, fresh, row);
      const before = this.#installed.get(name);
      this.#installed.set(name, row);
      if (before !== undefined) await this.#forget(before);
      return this.#recordOf(name);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** Removes a binary that no name leads to any more; processes that run from it go on. */
  async #forget(gone: InstalledRuntime): Promise<void> {
    const kept = [...this.#installed.values()].some(({ folder }) => folder === gone.folder);
    if (!kept) await rm(join(this.#options.folder, gone.folder), { recursive: true, force: true });
  }

  async #inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(this.#options.folder, INCOMING));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @throws MayflyError NOT_FOUND, CONFLICT, RUNTIME_UNAVAILABLE */
  #wanted(name: string): RuntimePackage {
    if (!NODE_RUNTIMES.has(name)) {
      const known = [...NODE_RUNTIMES.keys()].join(', ');
      throw new MayflyError(
        'NOT_FOUND',
        `There is no runtime "${name}" to add or remove; there are ${known}.`,
      );
    }
    if (name === this.#options.own.name)
      throw new MayflyError('CONFLICT', `Mayfly itself runs on "${name}": it comes and goes with Mayfly.`);
    const wanted = packageOf(name);
    if (wanted !== null) return wanted;
    const machine = `${process.platform} on ${process.arch}`;
    throw new MayflyError('RUNTIME_UNAVAILABLE', `There is no package of "${name}" for ${machine}.`);
  }

  #recordOf(name: string): RuntimeRecord {
    const { own } = this.#options;
    if (name === own.name)
      return { name, version: own.version, bytes: 0, from: 'mayfly', integrity: null, addedAt: null };
    const found = this.#installed.get(name);
    if (found === undefined)
      return { name, version: null, bytes: 0, from: null, integrity: null, addedAt: null };
    const { folder: _, ...row } = found;
    return { name, ...row };
  }
}

/** The digest as a file name: base64 has a slash. */
function placeOf(integrity: string): string {
  return `sha512-${Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')}`;
}

/** First the content under its own name, then the name that leads to it. */
async function publish(folder: string, name: string, fresh: string, row: InstalledRuntime): Promise<void> {
  const place = join(folder, row.folder);
  await rm(place, { recursive: true, force: true });
  // A guest is another user.
  await chmod(fresh, 0o755);
  await rename(fresh, place);
  const written = join(folder, `${INCOMING}${name}.json`);
  await writeFile(written, `${JSON.stringify(row)}\n`, { flush: true });
  await rename(written, join(folder, `${name}.json`));
}

function checkIdentity(found: { name: string; version: string }, wanted: RuntimePackage): void {
  if (found.name === wanted.name && found.version.startsWith(`${wanted.major}.`)) return;
  const text = `This is ${found.name}@${found.version}, not ${wanted.name}@${wanted.major}.`;
  throw new MayflyError('VALIDATION_FAILED', text);
}

/** @throws MayflyError RUNTIME_UNAVAILABLE: it needs a library, or another machine */
async function tryOut(executable: string, version: string): Promise<void> {
  const run = promisify(execFile);
  const { stdout } = await run(executable, ['--version'], { timeout: TRIAL_TIMEOUT_MS, env: {} }).catch(
    (cause: { stderr?: string; message: string }) => {
      const told = (cause.stderr || cause.message).trim();
      throw new MayflyError('RUNTIME_UNAVAILABLE', `It does not run on this machine: ${told}`, { cause });
    },
  );
  if (stdout.trim() !== `v${version}`)
    throw new MayflyError('RUNTIME_UNAVAILABLE', `It says that it is ${stdout.trim()}, not v${version}.`);
}

async function* bounded(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const part of content) {
    bytes += part.length;
    if (bytes > PACKAGE_BYTES_MAX) throw tooLarge();
    yield part;
  }
}

function tooLarge(): MayflyError {
  return new MayflyError('BODY_TOO_LARGE', `A package of a runtime may have ${PACKAGE_BYTES_MAX} bytes.`);
}

/** Says which runtime it is about and how to do without the registry. */
function wayOut(name: string, wanted: RuntimePackage, error: MayflyError): MayflyError {
  if (error.code !== 'RUNTIME_UNAVAILABLE') return error;
  const text = `The runtime "${name}" (${wanted.name}@${wanted.major}) is not to be had: ${error.message}`;
  return new MayflyError('RUNTIME_UNAVAILABLE', text, { cause: error });
}
