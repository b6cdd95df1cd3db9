import { createWriteStream } from 'node:fs';
import { chmod, link, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TarEntry } from '../../kit/tar-reader.ts';
import { imageRefused } from './image-error.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Links on the way to one file, as the kernel has it. */
const LINKS_MAX = 40;
/** Folders on the way to one file, links followed: each is looked at anew for every file in it. */
const STEPS_MAX = 512;
/** Of a name, and of what a link leads to, as the kernel has it. */
const PATH_BYTES_MAX = 4_096;

/**
 * The folder that becomes a container's `/`, layer by layer (OCI image-spec, layer.md). Every name is resolved within it, one part
 * after the other, links as the container would see them: nothing is written, linked or removed outside.
 *
 * Whoever owned a file in the image, in the container there is one user, who is not its owner; so everybody may read and run what
 * the owner could. Nobody but the platform may write, and nobody gets the rights of set-user-id.
 */
export class Rootfs {
  readonly #root: string;
  /** Paths that the layer under way has made, and folders on the way to them: what hides lower layers spares them. */
  #fresh = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  beginLayer(): void {
    this.#fresh = new Set();
  }

  /** @throws MayflyError VALIDATION_FAILED */
  async add(entry: TarEntry, content: AsyncIterable<Uint8Array>): Promise<void> {
    checkName(entry.path);
    if (entry.kind === 'symlink' || entry.kind === 'hardlink') checkName(entry.target || '\0');
    const parts = partsOf(entry.path);
    const name = parts.pop();
    if (name === undefined) return;
    const folder = await this.#folder(parts);
    if (name === OPAQUE) return this.#hideAll(folder);
    if (name.startsWith(WHITEOUT)) return this.#hide(folder, name.slice(WHITEOUT.length));
    if (name === '.' || name === '..') throw imageRefused(`it has a file "${entry.path}"`);
    const path = posix.join(folder, name);
    await this.#place(entry, path, content);
    for (let at = path; at !== '/' && at !== '.'; at = posix.dirname(at)) this.#fresh.add(at);
  }

  /** A folder that must be there, wherever the image's links lead to it. @throws MayflyError VALIDATION_FAILED */
  async makePath(path: string): Promise<void> {
    checkName(path);
    await this.#folder(path.split('/'));
  }

  /** A folder that must be there, whatever the image has in its place. */
  async needFolder(path: string): Promise<void> {
    const at = this.#outside(path);
    if ((await lstat(at).catch(() => null))?.isDirectory() !== true) {
      await rm(at, { force: true });
      await mkdir(at, { recursive: true });
    }
    await chmod(at, 0o755);
  }

  /** A file that must be there, to be covered by another; the image's own when it has one. */
  async needFile(path: string): Promise<void> {
    const at = this.#outside(path);
    const found = await lstat(at).catch(() => null);
    if (found?.isFile()) return;
    await rm(at, { recursive: true, force: true });
    await pipeline(Readable.from([]), createWriteStream(at, { mode: 0o644 }));
  }

  async #place(entry: TarEntry, path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const at = this.#outside(path);
    const before = await lstat(at).catch(() => null);
    const staysFolder = entry.kind === 'folder' && before?.isDirectory() === true;
    if (before !== null && !staysFolder) await rm(at, { recursive: true, force: true });
    switch (entry.kind) {
      case 'folder':
        if (!staysFolder) await mkdir(at);
        return chmod(at, shared(entry.mode) | 0o700);
      case 'file':
        await pipeline(Readable.from(content), createWriteStream(at, { flags: 'wx' }));
        return chmod(at, shared(entry.mode) | 0o600);
      case 'symlink':
        checkLink(entry, path);
        return symlink(entry.target, at);
      case 'hardlink':
        return this.#hardLink(entry, at);
      default:
        // The sandbox brings its own /dev.
        if (path === '/dev' || path.startsWith('/dev/')) return;
        throw imageRefused(`"${entry.path}" is a device, a pipe or something else that is no file`);
    }
  }

  async #hardLink(entry: TarEntry, at: string): Promise<void> {
    const parts = partsOf(entry.target);
    const name = parts.pop() ?? '';
    const target = this.#outside(posix.join(await this.#folder(parts), name));
    const found = await lstat(target).catch(() => null);
    if (found === null || found.isDirectory())
      throw imageRefused(`"${entry.path}" is a link to "${entry.target}", which is no file in it`);
    await link(target, at);
  }

  /** Resolves a folder as the container would see it; what is missing on the way is made. */
  async #folder(parts: readonly string[]): Promise<string> {
    const left = [...parts];
    let path = '/';
    let links = 0;
    let steps = 0;
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      steps += 1;
      if (steps > STEPS_MAX) throw imageRefused('it has a file that lies too deep in folders');
      if (part === '' || part === '.') continue;
      if (part === '..') {
        path = posix.dirname(path);
        continue;
      }
      const next = posix.join(path, part);
      const at = this.#outside(next);
      const found = await lstat(at).catch(() => null);
      if (found?.isSymbolicLink()) {
        links += 1;
        if (links > LINKS_MAX) throw imageRefused(`the links at "${next}" lead in a circle`);
        const target = await readlink(at);
        if (target.startsWith('/')) path = '/';
        left.unshift(...target.split('/'));
        continue;
      }
      if (found !== null && !found.isDirectory()) await rm(at, { force: true });
      if (!found?.isDirectory()) {
        await mkdir(at);
        await chmod(at, 0o755);
      }
      path = next;
    }
    return path;
  }

  /** Removes what lower layers have in a folder. */
  async #hideAll(folder: string): Promise<void> {
    for (const name of await readdir(this.#outside(folder))) await this.#hide(folder, name);
  }

  async #hide(folder: string, name: string): Promise<void> {
    if (name === '' || name === '.' || name === '..' || name.includes('/'))
      throw imageRefused(`it takes away a file "${name}"`);
    const path = posix.join(folder, name);
    if (!this.#fresh.has(path)) return rm(this.#outside(path), { recursive: true, force: true });
    const found = await lstat(this.#outside(path)).catch(() => null);
    if (found?.isDirectory()) await this.#hideAll(path);
  }

  #outside(path: string): string {
    return posix.join(this.#root, path);
  }
}

/** Everybody may read and run what the owner could. */
function shared(mode: number): number {
  const owner = (mode >> 6) & 0o7;
  return (owner << 6) | ((owner & 0o5) * 0o11);
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > PATH_BYTES_MAX) throw imageRefused('it has a file with too long a name');
  if (name.includes('\0'))
    throw imageRefused(`it has a file with an impossible name: ${JSON.stringify(name.slice(0, 100))}`);
}

function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw imageRefused(`it has a file "${path}", which climbs out of it`);
  return parts;
}

/** A link may lead anywhere in the container, but not above its root. */
function checkLink({ path, target }: TarEntry, at: string): void {
  let depth = target.startsWith('/') ? 0 : at.split('/').filter(Boolean).length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) throw imageRefused(`"${path}" is a link to "${target}", which leads out of it`);
  }
}
