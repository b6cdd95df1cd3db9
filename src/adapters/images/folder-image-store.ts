import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IMAGE_ARCHIVE, type ImageConfig } from '../../contract/image-config.ts';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import type { ArtifactStore } from '../../ports/artifacts.ts';
import type { ImageStore } from '../../ports/image-store.ts';
import { describeImage } from './image-description.ts';
import { imageRefused } from './image-error.ts';
import { filesOfArchive, filesOfFolder, type ImageFiles } from './image-files.ts';
import { IMAGE_LIMITS, type ImageLimits } from './image-limits.ts';
import { unpackLayers } from './layer-unpacking.ts';
import { Rootfs } from './rootfs.ts';

export interface FolderImageStoreOptions {
  /** `images/` of the data folder: `ARTIFACT/rootfs` and `ARTIFACT/image.json`. */
  readonly folder: string;
  readonly artifacts: ArtifactStore;
  readonly wall: () => number;
  /** Folders that are mounted in every container, and files: they must be in its root to be covered. */
  readonly mountPoints: { readonly folders: readonly string[]; readonly files: readonly string[] };
  readonly limits?: ImageLimits;
  /** How long an image that no release names is kept, ms. */
  readonly graceMs?: number;
}

/** An image that is ready to run. */
export interface PreparedImage {
  readonly rootfs: string;
  /** A file that holds an `ImageConfig` as JSON. */
  readonly configFile: string;
}

const INCOMING = 'incoming-';
const GRACE_MS = 60 * 60 * 1000;
const ARTIFACT = /^[0-9a-f]{64}$/;

/** Opens the images of a data folder, and clears what a killed platform left half unpacked. */
export async function openImages(options: FolderImageStoreOptions): Promise<FolderImageStore> {
  await mkdir(options.folder, { recursive: true });
  for (const name of await readdir(options.folder)) {
    if (!ARTIFACT.test(name)) await rm(join(options.folder, name), { recursive: true, force: true });
  }
  return new FolderImageStore(options);
}

export class FolderImageStore implements ImageStore {
  readonly #options: FolderImageStoreOptions;
  readonly #limits: ImageLimits;
  readonly #preparing = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: FolderImageStoreOptions) {
    this.#options = options;
    this.#limits = options.limits ?? IMAGE_LIMITS;
  }

  async prepare(artifact: string): Promise<void> {
    const under = this.#preparing.get(artifact);
    if (under !== undefined) return under;
    const prepared = this.#prepare(artifact).finally(() => this.#preparing.delete(artifact));
    this.#preparing.set(artifact, prepared);
    return prepared;
  }

  /** Null: it is not here. */
  async find(artifact: string): Promise<PreparedImage | null> {
    const { rootfs, configFile } = this.#placeOf(artifact);
    const found = await stat(configFile).catch(() => null);
    return found === null ? null : { rootfs, configFile };
  }

  async collect(live: ReadonlySet<string>): Promise<void> {
    const { folder, wall, graceMs = GRACE_MS } = this.#options;
    for (const name of await readdir(folder)) {
      if (!ARTIFACT.test(name) || live.has(name) || this.#preparing.has(name)) continue;
      const made = await stat(join(folder, name)).catch(() => null);
      if (made === null || made.mtimeMs > wall() - graceMs) continue;
      // Under another name first: half an image must not be found.
      const gone = join(folder, `${INCOMING}gone-${name}`);
      await rename(join(folder, name), gone);
      await rm(gone, { recursive: true, force: true });
    }
  }

  /** Ends what is being unpacked: whoever waits for it gets SHUTTING_DOWN. */
  close(): void {
    this.#closing.abort(new MayflyError('SHUTTING_DOWN', 'The node is draining.'));
  }

  #placeOf(artifact: string): PreparedImage {
    if (!ARTIFACT.test(artifact)) throw new MayflyError('INTERNAL', `No artifact is called "${artifact}".`);
    const place = join(this.#options.folder, artifact);
    return { rootfs: join(place, 'rootfs'), configFile: join(place, 'image.json') };
  }

  async #prepare(artifact: string): Promise<void> {
    const { folder, artifacts, wall } = this.#options;
    if ((await this.find(artifact)) !== null) {
      const now = new Date(wall());
      // Its grace begins anew; when a collection took it meanwhile, it is unpacked by whoever starts it.
      await utimes(join(folder, artifact), now, now).catch(() => {});
      return;
    }
    const tree = await artifacts.takeTree(artifact);
    const fresh = await mkdtemp(join(folder, INCOMING));
    try {
      const config = await this.#unpack(tree.path, fresh);
      await writeFile(join(fresh, 'image.json'), JSON.stringify(config));
      await chmod(fresh, 0o755);
      await rename(fresh, dirname(this.#placeOf(artifact).configFile));
    } catch (thrown) {
      throw toMayflyError(thrown);
    } finally {
      artifacts.returnTree(tree);
      await rm(fresh, { recursive: true, force: true });
    }
  }

  async #unpack(tree: string, into: string): Promise<ImageConfig> {
    const rootfs = join(into, 'rootfs');
    const expandTo = join(into, 'archive.tar');
    await mkdir(rootfs);
    await chmod(rootfs, 0o755);
    const description = await describeImage(await this.#filesOf(tree, expandTo), this.#limits);
    if (description.config.command.length === 0)
      throw imageRefused('it has neither an entrypoint nor a command');
    const root = new Rootfs(rootfs);
    await unpackLayers(description, root, this.#limits, this.#closing.signal);
    await rm(expandTo, { force: true });
    await root.makePath(description.config.folder);
    const { folders, files } = this.#options.mountPoints;
    for (const path of folders) await root.needFolder(path);
    for (const path of files) await root.needFile(path);
    return description.config;
  }

  async #filesOf(tree: string, expandTo: string): Promise<ImageFiles> {
    const archive = join(tree, IMAGE_ARCHIVE);
    const found = await stat(archive).catch(() => null);
    return found === null ? filesOfFolder(tree) : filesOfArchive(archive, expandTo, this.#limits);
  }
}
