import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MayflyError } from '../../domain/errors.ts';

/** Layout of the data folder that this program writes; a higher number in the folder is refused. */
const FORMAT = 1;
const TOKEN_PREFIX = 'mfy_';

/** What a running node tells other programs of the machine, in `run/node.json`. */
export interface NodeAnnouncement {
  readonly pid: number;
  readonly gatewayUrl: string;
  readonly controlUrl: string;
}

/**
 * The one folder that holds all state of a node.
 *
 * The folder itself may be passed through (0711: a sandbox of another user must reach its own code inside), but
 * secrets in it are readable by the owner only.
 */
export class DataFolder {
  readonly path: string;
  readonly #lock: DatabaseSync;

  private constructor(path: string, lock: DatabaseSync) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Makes or opens the folder and locks it until `close` or the end of the process.
   * @throws MayflyError DATA_LOCKED, DATA_NEWER, STORAGE_FULL
   */
  static open(path: string): DataFolder {
    mkdirSync(path, { recursive: true, mode: 0o711 });
    chmodSync(path, 0o711);
    const lock = acquireLock(join(path, 'lock'), path);
    try {
      checkFormat(path);
    } catch (thrown) {
      lock.close();
      throw thrown;
    }
    return new DataFolder(path, lock);
  }

  /** A subfolder, made when missing. `mode` for what only the platform may read. */
  folder(name: string, mode = 0o711): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode });
    return path;
  }

  /** The operator's token, made at the first start; mode 600. */
  operatorToken(): string {
    return this.#secret('operator-token', () => `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`);
  }

  /** 32 bytes that seal the secrets, made at the first start; mode 600. */
  masterKey(): Buffer {
    return Buffer.from(
      this.#secret('master.key', () => randomBytes(32).toString('base64')),
      'base64',
    );
  }

  announce(node: NodeAnnouncement): void {
    writeWhole(join(this.folder('run'), 'node.json'), `${JSON.stringify(node)}\n`, 0o644);
  }

  close(): void {
    rmSync(join(this.path, 'run', 'node.json'), { force: true });
    this.#lock.close();
  }

  #secret(name: string, make: () => string): string {
    const path = join(this.path, name);
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      const secret = make();
      writeWhole(path, `${secret}\n`, 0o600);
      return secret;
    }
  }
}

/**
 * An exclusive SQLite lock: the kernel frees it with the process, however that ends, so there is no stale lock file
 * to judge. (A pid file was the alternative; after SIGKILL it must guess whether the pid is still the same program.)
 */
function acquireLock(file: string, path: string): DatabaseSync {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return lock;
  } catch (cause) {
    lock.close();
    if (!String(cause).includes('locked')) throw cause;
    throw new MayflyError('DATA_LOCKED', `Another node runs on the data folder ${path}.`, { cause });
  }
}

function checkFormat(path: string): void {
  const file = join(path, 'format');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    writeWhole(file, `${FORMAT}\n`, 0o644);
    return;
  }
  if (Number(text) > FORMAT) {
    throw new MayflyError(
      'DATA_NEWER',
      `The data folder ${path} has format ${text.trim()}; this Mayfly knows formats up to ${FORMAT}.`,
    );
  }
}

/** All of a file or nothing of it, also after a crash. */
function writeWhole(path: string, text: string, mode: number): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode, flush: true });
  renameSync(temporary, path);
}
