import { constants } from 'node:fs';
import {
  chmod,
  lchown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { findProgram } from './machine.ts';

/**
 * The folders of one workspace on the host: `source/NAME`, `home`, `tmp`, `out` for its programs, `bin` with the programs
 * that are added to the machine's. Only these belong to its user; the folder around them does not.
 */
export class WorkspaceFolder {
  readonly path: string;
  readonly source: string;

  private constructor(path: string, name: string) {
    this.path = path;
    this.source = join(path, 'source', name);
  }

  /** @throws MayflyError STORAGE_FULL */
  static async make(parent: string, name: string): Promise<WorkspaceFolder> {
    try {
      const folder = new WorkspaceFolder(await mkdtemp(join(parent, 'build-')), name);
      await chmod(folder.path, 0o755);
      for (const each of ['home', 'tmp', 'out', 'bin']) await mkdir(join(folder.path, each), { mode: 0o755 });
      await mkdir(folder.source, { recursive: true, mode: 0o755 });
      return folder;
    } catch (thrown) {
      throw toMayflyError(thrown);
    }
  }

  /** Puts `node` and, where the machine has it, `npm` into `bin`. Paths as they are inside. */
  async addPrograms(node: string, npm: string | null): Promise<void> {
    await symlink(node, join(this.path, 'bin', 'node'));
    if (npm !== null) await symlink(npm, join(this.path, 'bin', 'npm'));
  }

  /** Gives its user a name, which some programs ask for. */
  async nameUser(uid: number, home: string): Promise<void> {
    await writeFile(join(this.path, 'passwd'), `build:x:${uid}:${uid}::${home}:/bin/sh\n`, { mode: 0o644 });
    await writeFile(join(this.path, 'group'), `build:x:${uid}:\n`, { mode: 0o644 });
  }

  /** Gives everything that programs may write to their user; links themselves, never what they lead to. */
  async own(uid: number): Promise<void> {
    for (const each of ['source', 'home', 'tmp', 'out']) await ownAll(join(this.path, each), uid);
  }

  /** The result that programs left, which they may have made anything but a plain file. @throws MayflyError BUILD_FAILED */
  async readResult(): Promise<AsyncIterable<Uint8Array>> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(this.path, 'out', 'result'), flags).catch(() => null);
    if (file !== null && (await file.stat()).isFile()) return file.createReadStream();
    await file?.close();
    throw new MayflyError('BUILD_FAILED', 'The build left no result.');
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
  }
}

async function ownAll(path: string, uid: number): Promise<void> {
  await lchown(path, uid, uid);
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await ownAll(inner, uid);
    else await lchown(inner, uid, uid);
  }
}

/** The machine's npm: its program and the folder that it needs; null: it has none. */
export async function findNpm(): Promise<{ readonly program: string; readonly folder: string } | null> {
  const found = findProgram('npm');
  if (found === null) return null;
  const program = await realpath(found);
  // …/npm/bin/npm-cli.js
  return { program, folder: dirname(dirname(program)) };
}
