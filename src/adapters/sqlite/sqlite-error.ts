import { MayflyError } from '../../domain/errors.ts';

/** Result codes of SQLite (https://sqlite.org/rescode.html) that mean: the disk took no more. */
const SQLITE_FULL = 13;
const SQLITE_IOERR_SHMSIZE = 4_874;
const SQLITE_NOTADB = 26;
const SQLITE_CORRUPT = 11;

/** Rethrows an error of `node:sqlite` as a MayflyError where the operator can act on it. */
export function rethrowSqlite(thrown: unknown, path: string): never {
  const code = thrown instanceof Error && 'errcode' in thrown ? Number(thrown.errcode) : 0;
  if (code === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE) {
    throw new MayflyError('STORAGE_FULL', `No space left for the database ${path}.`, { cause: thrown });
  }
  if (code === SQLITE_NOTADB || (code & 0xff) === SQLITE_CORRUPT) {
    throw new MayflyError('INTERNAL', `The database ${path} is damaged.`, { cause: thrown });
  }
  throw thrown;
}
