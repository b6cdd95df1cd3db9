import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MayflyError } from '../../domain/errors.ts';

/** Layout of the data folder that this program writes; a higher number in the folder is refused. */
const FORMAT = 1;
const TOKEN_PREFIX = 'mfy_';
const TOKEN_CHARS_MIN = 20;
const MASTER_KEY_BYTES = 32;
const SECRET_MODE = 0o600;
/** The result code of SQLite for a full disk (sqlite.org/rescode.html). */
const SQLITE_FULL = 13;

/** What a running node tells other programs of the machine, in `run/node.json`. */
export interface NodeAnnouncement {
  readonly pid: number;
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  readonly edgeUrl: string;
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
   * @throws MayflyError DATA_LOCKED, DATA_NEWER, STORAGE_FULL, CONFIG_INVALID (the folder cannot be used)
   */
  static open(path: string): DataFolder {
    try {
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
    } catch (thrown) {
      throw folderError(thrown, path);
    }
  }

  /** A subfolder, made when missing. `mode` for what only the platform may read. */
  folder(name: string, mode = 0o711): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode });
    // Whatever the umask is, and whatever the folder allowed before.
    chmodSync(path, mode);
    return path;
  }

  /** The operator's token, made at the first start; mode 600. @throws MayflyError CONFIG_INVALID when it is damaged */
  operatorToken(): string {
    const make = (): string => `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
    const token = this.#secret('operator-token', make);
    if (token.length >= TOKEN_CHARS_MIN && !/\s/.test(token)) return token;
    throw this.#damaged('operator-token', 'Remove it, and the next start makes a new one.');
  }

  /** 32 bytes that seal the secrets, made at the first start; mode 600. @throws MayflyError CONFIG_INVALID when it is damaged */
  masterKey(): Buffer {
    const make = (): string => randomBytes(MASTER_KEY_BYTES).toString('base64');
    const key = Buffer.from(this.#secret('master.key', make), 'base64');
    if (key.length === MASTER_KEY_BYTES) return key;
    throw this.#damaged('master.key', 'Restore it from a backup: without it no secret can be read.');
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
      const secret = readFileSync(path, 'utf8').trim();
      // It may have come from a backup that forgot whom it is for, and the folder lets everybody through.
      chmodSync(path, SECRET_MODE);
      return secret;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw folderError(cause, this.path);
      const secret = make();
      writeWhole(path, `${secret}\n`, SECRET_MODE);
      return secret;
    }
  }

  #damaged(name: string, advice: string): MayflyError {
    return new MayflyError('CONFIG_INVALID', `${join(this.path, name)} is damaged. ${advice}`);
  }
}

/** What the machine says against the folder, as something that its operator can act on. */
function folderError(thrown: unknown, path: string): MayflyError {
  if (thrown instanceof MayflyError) return thrown;
  const { code, errcode, message } = thrown as NodeJS.ErrnoException & { readonly errcode?: number };
  const full = code === 'ENOSPC' || errcode === SQLITE_FULL;
  return new MayflyError(
    full ? 'STORAGE_FULL' : 'CONFIG_INVALID',
    full
      ? `No space is left for the data folder ${path}.`
      : `The data folder ${path} cannot be used: ${message}`,
    { cause: thrown },
  );
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
  // What is no number was not written by any Mayfly so far.
  if (!/^\d+\s*$/.test(text) || Number(text) > FORMAT) {
    throw new MayflyError(
      'DATA_NEWER',
      `The data folder ${path} has format ${text.trim()}; this Mayfly knows formats up to ${FORMAT}.`,
    );
  }
}

/** All of a file or nothing of it, also after a crash. */
function writeWhole(path: string, text: string, mode: number): void {
  const temporary = `${path}.new`;
  // One that a crash left may have another mode.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode, flush: true });
  renameSync(temporary, path);
  // The name too must outlive a power cut: a new master key would make every sealed secret unreadable.
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
