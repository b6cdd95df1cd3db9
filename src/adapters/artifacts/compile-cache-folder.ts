import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { COMPILE_CACHE_FOLDER, COMPILE_CACHE_NAME } from '../../contract/compile-cache.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { CompileCache } from '../../ports/artifacts.ts';
import type { TreeLayout } from './tree-layout.ts';

/** Owners of one artifact that may have a cache at a time; one more, and the first to have come loses its own. */
const OWNERS_OF_ARTIFACT_MAX = 16;

/**
 * Compile caches as files, `ARTIFACT/OWNER/TAG/FILE` with the owner's name hashed. Code trees link to them, so a file is never
 * written again. What `find` needs is in memory: it is on the way of a cold start.
 */
export class CompileCacheFolder {
  readonly #path: string;
  /** Tags by artifact and owner; null: not looked at yet. */
  readonly #known = new Map<string, Map<string, string> | null>();
  #incoming = 0;

  /** Opens the folder, and removes what was being written when an earlier process ended. */
  constructor(path: string) {
    this.#path = path;
    rmSync(`${path}/incoming`, { recursive: true, force: true });
    mkdirSync(`${path}/incoming`, { recursive: true });
    for (const name of readdirSync(path)) if (name !== 'incoming') this.#known.set(name, null);
  }

  /** Names the cache of an owner, `OWNER/TAG`; null when there is none. */
  find(artifact: string, owner: string): string | null {
    const hash = hashOf(owner);
    const tag = this.#tagsOf(artifact)?.get(hash);
    return tag === undefined ? null : `${hash}/${tag}`;
  }

  /** Whether the cache of this name is still what its owner gets. */
  has(artifact: string, name: string): boolean {
    const [hash, tag] = name.split('/');
    return this.#tagsOf(artifact)?.get(hash!) === tag;
  }

  /** The layout with the cache of this name in it. */
  async addTo(layout: TreeLayout, artifact: string, name: string): Promise<TreeLayout> {
    const from = `${this.#path}/${artifact}/${name}`;
    const into = `${COMPILE_CACHE_FOLDER}/${name.slice(name.indexOf('/') + 1)}`;
    const files = (await readdir(from)).map((file) => ({
      path: `${into}/${file}`,
      blob: `${from}/${file}`,
      mode: 0o644,
    }));
    const parents = COMPILE_CACHE_FOLDER.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'));
    return {
      ...layout,
      folders: [...layout.folders, ...parents, into],
      files: [...layout.files, ...files],
    };
  }

  /** Keeps a cache; one of this owner with another tag goes. @throws MayflyError VALIDATION_FAILED; or as the disk does */
  async put(artifact: string, owner: string, { tag, files }: CompileCache): Promise<void> {
    for (const name of [tag, ...files.keys()]) {
      if (!COMPILE_CACHE_NAME.test(name)) {
        throw new MayflyError(
          'VALIDATION_FAILED',
          `${JSON.stringify(name)} names no part of a compile cache.`,
        );
      }
    }
    const hash = hashOf(owner);
    const tags = this.#tagsOf(artifact) ?? new Map<string, string>();
    if (tags.get(hash) === tag) return;
    this.#incoming += 1;
    const temporary = `${this.#path}/incoming/${this.#incoming}`;
    try {
      await mkdir(temporary);
      for (const [file, content] of files) await writeWhole(`${temporary}/${file}`, content);
      await this.#drop(artifact, hash);
      await mkdir(`${this.#path}/${artifact}/${hash}`, { recursive: true });
      await rename(temporary, `${this.#path}/${artifact}/${hash}/${tag}`);
    } catch (thrown) {
      await rm(temporary, { recursive: true, force: true });
      throw thrown;
    }
    tags.set(hash, tag);
    this.#known.set(artifact, tags);
    if (tags.size > OWNERS_OF_ARTIFACT_MAX) await this.#drop(artifact, tags.keys().next().value!);
  }

  /** Removes the caches of an artifact. */
  async remove(artifact: string): Promise<void> {
    if (this.#known.delete(artifact)) await rm(`${this.#path}/${artifact}`, { recursive: true, force: true });
  }

  async #drop(artifact: string, hash: string): Promise<void> {
    this.#known.get(artifact)?.delete(hash);
    await rm(`${this.#path}/${artifact}/${hash}`, { recursive: true, force: true });
  }

  #tagsOf(artifact: string): Map<string, string> | undefined {
    const known = this.#known.get(artifact);
    if (known !== null) return known;
    const tags = new Map<string, string>();
    for (const hash of readdirSync(`${this.#path}/${artifact}`)) {
      const [tag] = readdirSync(`${this.#path}/${artifact}/${hash}`);
      if (tag !== undefined) tags.set(hash, tag);
    }
    this.#known.set(artifact, tags);
    return tags;
  }
}

/** Owners have names of any length, with any characters. */
const hashOf = (owner: string): string => createHash('sha256').update(owner).digest('hex').slice(0, 32);

/** On disk before it gets its name: Node would refuse a torn file at every start, and nobody would write it anew. */
async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o444);
  try {
    await file.writeFile(content);
    await file.chmod(0o444);
    await file.sync();
  } finally {
    await file.close();
  }
}
