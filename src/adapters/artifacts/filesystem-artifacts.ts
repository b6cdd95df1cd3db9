import { mkdirSync, readdirSync } from 'node:fs';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { artifactDigest } from '../../contract/artifact-digest.ts';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { KeyedLock } from '../../kit/keyed-lock.ts';
import type {
  ArtifactFile,
  ArtifactSize,
  ArtifactStore,
  Collected,
  CompileCache,
} from '../../ports/artifacts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CodeTree } from '../../ports/sandbox.ts';
import { BlobFolder } from './blob-folder.ts';
import { CompileCacheFolder } from './compile-cache-folder.ts';
import { checkFileList } from './file-list.ts';
import { layOut, layoutOf, type TreeKind, type TreeLayout } from './tree-layout.ts';
import { TreeStock, type TreeVariant } from './tree-stock.ts';

export interface FilesystemArtifactsOptions {
  /** The data folder: `blobs/`, `artifacts/`, `compile-caches/` and `trees/` below it belong to this store. */
  readonly dataDir: string;
  /** `link` unless code runs as a plain process, which could write through a link to the blob: then `copy`. */
  readonly trees: TreeKind;
  readonly clock?: Pick<Clock, 'wall'>;
  readonly blobBytesMax?: number;
  /** How long what nobody names is kept, ms. */
  readonly graceMs?: number;
}

const BLOB_BYTES_MAX = 1024 * 1024 * 1024;
const GRACE_MS = 60 * 60 * 1000;
/** What was marked as wanted within the last such part of the grace is not marked again. */
const FRESH_PARTS = 12;
/** Layouts kept in memory, so that a function that is started often is not parsed often. */
const LAYOUTS_MAX = 64;
/** Blobs looked for at a time. */
const PARALLEL = 8;
/** Lock of everything that relies on blobs staying, or removes them. */
const BLOBS = 'blobs';

/** Opens the artifact store of a data folder. One process at a time: the caller holds the folder's lock. */
export function openFilesystemArtifacts(options: FilesystemArtifactsOptions): FilesystemArtifacts {
  return new FilesystemArtifacts(options);
}

export class FilesystemArtifacts implements ArtifactStore {
  readonly #folder: string;
  readonly #blobs: BlobFolder;
  readonly #caches: CompileCacheFolder;
  readonly #stock: TreeStock;
  readonly #kind: TreeKind;
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #graceMs: number;
  readonly #freshMs: number;
  /** When each was assembled last, ms since the epoch; 0: not since this start. */
  readonly #known: Map<string, number>;
  readonly #layouts = new Map<string, TreeLayout>();
  readonly #locks = new KeyedLock();
  readonly #refills = new Set<Promise<void>>();
  #closed = false;

  constructor(options: FilesystemArtifactsOptions) {
    this.#folder = `${options.dataDir}/artifacts`;
    mkdirSync(this.#folder, { recursive: true });
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#freshMs = this.#graceMs / FRESH_PARTS;
    this.#blobs = new BlobFolder(
      `${options.dataDir}/blobs`,
      options.blobBytesMax ?? BLOB_BYTES_MAX,
      this.#freshMs,
    );
    this.#caches = new CompileCacheFolder(`${options.dataDir}/compile-caches`);
    this.#stock = new TreeStock(`${options.dataDir}/trees`);
    this.#kind = options.trees;
    this.#clock = options.clock ?? { wall: Date.now };
    const names = readdirSync(this.#folder).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    this.#known = new Map(names.map((name) => [name.slice(0, 64), 0]));
  }

  async missing(sha256: readonly string[]): Promise<string[]> {
    const wanted = [...new Set(sha256)];
    return this.#locks.run(BLOBS, async () => {
      const sizes = await inParallel(wanted, (each) => this.#blobs.touch(each, this.#clock.wall()));
      return wanted.filter((_, index) => sizes[index] === null);
    });
  }

  async putBlob(sha256: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    await storing(async () => this.#publish(await this.#blobs.receive(sha256, bytes, content), sha256));
  }

  async adoptBlob(sha256: string, bytes: number, path: string): Promise<void> {
    await storing(async () => this.#publish(await this.#blobs.adopt(sha256, bytes, path), sha256));
  }

  async assemble(files: readonly ArtifactFile[]): Promise<string> {
    checkFileList(files);
    const digest = artifactDigest(files);
    await storing(() => this.#locks.run(BLOBS, () => this.#assemble(digest, files)));
    this.#refill({ artifact: digest, compileCache: null });
    return digest;
  }

  async has(artifact: string): Promise<boolean> {
    return this.#known.has(artifact);
  }

  async listFiles(artifact: string): Promise<readonly ArtifactFile[]> {
    if (!this.#known.has(artifact)) throw noArtifact(artifact);
    return await this.#filesOf(artifact);
  }

  async readBlob(sha256: string): Promise<AsyncIterable<Uint8Array>> {
    return await this.#blobs.read(sha256);
  }

  async sizeOf(artifact: string): Promise<ArtifactSize | null> {
    if (!this.#known.has(artifact)) return null;
    const files = await this.#filesOf(artifact).catch((thrown) => {
      // It was collected meanwhile.
      if (!this.#known.has(artifact)) return null;
      throw thrown;
    });
    if (files === null) return null;
    return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  async takeTree(artifact: string, owner?: string): Promise<CodeTree> {
    if (!this.#known.has(artifact)) throw noArtifact(artifact);
    const compileCache = owner === undefined ? null : this.#caches.find(artifact, owner);
    const variant = { artifact, compileCache };
    const tree = this.#stock.take(variant) ?? (await storing(() => this.#makeTree(variant)));
    this.#refill(variant);
    return tree;
  }

  async attachCompileCache(artifact: string, owner: string, cache: CompileCache): Promise<void> {
    await storing(() =>
      this.#locks.run(artifact, async () => {
        if (this.#known.has(artifact)) await this.#caches.put(artifact, owner, cache);
      }),
    );
    this.#stock.dropUnless((variant) => this.#isCurrent(variant));
    if (this.#known.has(artifact))
      this.#refill({ artifact, compileCache: this.#caches.find(artifact, owner) });
  }

  returnTree(tree: CodeTree): void {
    // A copy may have been written to by the code that had it.
    if (this.#kind === 'copy' || this.#closed || !this.#isCurrent(tree)) this.#stock.discard(tree);
    else this.#stock.put(tree);
  }

  async collect(live: ReadonlySet<string>): Promise<Collected> {
    const before = this.#clock.wall() - this.#graceMs;
    const stale = [...this.#known.keys()].filter((artifact) => !live.has(artifact));
    let artifacts = 0;
    for (const artifact of stale) {
      if (await this.#locks.run(BLOBS, () => this.#forget(artifact, before))) artifacts += 1;
    }
    let blobs = 0;
    let bytes = 0;
    // What is assembled from here on touches its blobs, and so keeps them without being in this list.
    const used = await this.#locks.run(BLOBS, () => this.#blobsInUse());
    for (const part of this.#blobs.parts()) {
      const removed = await this.#locks.run(BLOBS, () => this.#blobs.removeFrom(part, used, before));
      blobs += removed.blobs;
      bytes += removed.bytes;
    }
    return { artifacts, blobs, bytes };
  }

  /** Waits for what runs in the background: spares being laid out, trees being removed. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#refills.size > 0) await Promise.all(this.#refills);
    await this.#stock.settle();
  }

  #isCurrent({ artifact, compileCache }: TreeVariant): boolean {
    return this.#known.has(artifact) && (compileCache === null || this.#caches.has(artifact, compileCache));
  }

  #fileOf(artifact: string): string {
    return `${this.#folder}/${artifact}.json`;
  }

  /** A collection between the name and the mark would take an old blob for unwanted, which was just asked for again. */
  #publish(received: string, sha256: string): Promise<void> {
    return this.#locks.run(BLOBS, () => this.#blobs.publish(received, sha256, this.#clock.wall()));
  }

  async #assemble(digest: string, files: readonly ArtifactFile[]): Promise<void> {
    const wall = this.#clock.wall();
    const assembledAt = this.#known.get(digest);
    // All of it was marked then, and a collection keeps it for the rest of the grace. An app is deployed with all its functions, and most
    // have not changed: marking two files of each of fifty took half of the node's time for a deploy.
    if (assembledAt !== undefined && wall - assembledAt < this.#freshMs) return;
    await inParallel(files, async (file) => {
      const size = await this.#blobs.touch(file.sha256, wall);
      if (size === null) throw refuse(`The blob ${file.sha256} of "${file.path}" was not uploaded.`);
      if (size !== file.bytes) throw refuse(`"${file.path}" has ${size} bytes, not ${file.bytes}.`);
      if (file.mode === 0o755) await this.#blobs.addExecutable(file.sha256);
    });
    if (!this.#known.has(digest)) {
      await writeDurably(this.#folder, `${digest}.json`, JSON.stringify(files));
    }
    await utimes(this.#fileOf(digest), wall / 1000, wall / 1000);
    this.#known.set(digest, wall);
  }

  async #makeTree(variant: TreeVariant): Promise<CodeTree> {
    const { artifact } = variant;
    // One at a time of one artifact: those that wait take what comes back or was laid out as a spare meanwhile.
    return this.#locks.run(artifact, async () => {
      const spare = this.#stock.take(variant);
      if (spare !== null) return spare;
      const path = this.#stock.newPath(artifact);
      const code = await this.#layoutOf(artifact);
      // The cache may have gone while this waited for its turn.
      const compileCache = this.#isCurrent(variant) ? variant.compileCache : null;
      const tree = { artifact, path, codeBytes: code.codeBytes, compileCache };
      try {
        const layout = compileCache === null ? code : await this.#caches.addTo(code, artifact, compileCache);
        await layOut(path, layout, this.#kind);
      } catch (thrown) {
        this.#stock.discard(tree);
        throw thrown;
      }
      return tree;
    });
  }

  /** Lays out one spare in the background when there is none. A failure shows again when a tree is asked for. */
  #refill(variant: TreeVariant): void {
    if (this.#stock.has(variant) || this.#closed) return;
    const refill = new Promise<void>((resolve) => setImmediate(resolve))
      .then(async () => {
        if (this.#stock.has(variant) || this.#closed || !this.#isCurrent(variant)) return;
        const tree = await this.#makeTree(variant);
        if (this.#closed || !this.#isCurrent(tree)) this.#stock.discard(tree);
        else this.#stock.put(tree);
      })
      .catch(() => {});
    this.#refills.add(refill);
    refill.then(() => this.#refills.delete(refill));
  }

  async #layoutOf(artifact: string): Promise<TreeLayout> {
    const known = this.#layouts.get(artifact);
    if (known !== undefined) return known;
    const layout = layoutOf(await this.#filesOf(artifact), this.#blobs);
    this.#layouts.set(artifact, layout);
    if (this.#layouts.size > LAYOUTS_MAX) this.#layouts.delete(this.#layouts.keys().next().value!);
    return layout;
  }

  async #filesOf(artifact: string): Promise<ArtifactFile[]> {
    return JSON.parse(await readFile(this.#fileOf(artifact), 'utf8'));
  }

  async #forget(artifact: string, before: number): Promise<boolean> {
    if ((await stat(this.#fileOf(artifact))).mtimeMs >= before) return false;
    this.#known.delete(artifact);
    this.#layouts.delete(artifact);
    this.#stock.dropUnless((variant) => variant.artifact !== artifact);
    await this.#locks.run(artifact, () => this.#caches.remove(artifact));
    await rm(this.#fileOf(artifact));
    return true;
  }

  async #blobsInUse(): Promise<Set<string>> {
    const used = new Set<string>();
    for (const artifact of this.#known.keys()) {
      for (const file of await this.#filesOf(artifact)) used.add(file.sha256);
    }
    return used;
  }
}

/** Writes a file that is there whole, under its name, even after a power cut; and with it every rename before. */
async function writeDurably(folder: string, name: string, content: string): Promise<void> {
  const temporary = `${folder}/.${name}`;
  const file = await open(temporary, 'w', 0o644);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, `${folder}/${name}`);
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function inParallel<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await act(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, work));
  return results;
}

/** Runs what writes to the disk; a disk without room becomes STORAGE_FULL. */
async function storing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw toMayflyError(thrown);
  }
}

const noArtifact = (artifact: string) =>
  new MayflyError('NOT_FOUND', `There is no artifact ${artifact} on this node.`);
const refuse = (message: string) => new MayflyError('VALIDATION_FAILED', message);
