import { readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { readSourceFile, type SourceFile } from './source-file.ts';
import { ROOMS, type Room } from './table.ts';

/** The source tree, parsed, with the room of every file. */
export class Repository {
  readonly files: readonly SourceFile[];
  readonly rooms: readonly Room[];
  readonly #byPath: ReadonlyMap<string, SourceFile>;
  readonly #rooms = new Map<string, RoomOfFile | null>();

  constructor(files: readonly SourceFile[], rooms: readonly Room[]) {
    this.files = files;
    this.rooms = rooms;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** The room a file stands in, or null when no row of the table covers it. */
  roomOf(path: string): RoomOfFile | null {
    const known = this.#rooms.get(path);
    if (known !== undefined) return known;
    const found = findRoom(path, this.rooms);
    this.#rooms.set(path, found);
    return found;
  }

  /** What an import leads to inside the repository, relative to the root; null for packages and built-ins. */
  target(file: SourceFile, specifier: string): string | null {
    return specifier.startsWith('.') ? posix.join(dirname(file.path), specifier) : null;
  }
}

export interface RoomOfFile {
  readonly row: Room;
  /** The row's path with `*` filled in: `src/adapters/sqlite`. */
  readonly name: string;
}

const SOURCE_FOLDERS = ['src', 'guest', 'tools', 'tests', 'bench'];
/** Input of tests and builds, not source: may break any rule on purpose. */
const NOT_SOURCE = new Set(['node_modules', 'fixtures', 'dist']);

/** Reads every `.ts` file below the source folders of `root`. */
export function readRepository(root: string, rooms: readonly Room[] = ROOMS): Repository {
  const paths = SOURCE_FOLDERS.flatMap((folder) => listSources(root, folder)).sort();
  return new Repository(
    paths.map((path) => readSourceFile(root, path)),
    rooms,
  );
}

function listSources(root: string, folder: string): string[] {
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_SOURCE.has(entry.name) ? [] : listSources(root, path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function findRoom(path: string, rooms: readonly Room[]): RoomOfFile | null {
  let best: RoomOfFile | null = null;
  for (const row of rooms) {
    const name = matchRoom(path, row.path);
    if (name === null) continue;
    if (best === null || moreSpecific(row.path, best.row.path)) best = { row, name };
  }
  return best;
}

/** `src/a/*` is more specific than `src`, and `src/a/b` more than `src/a/*`. */
function moreSpecific(one: string, other: string): boolean {
  const depth = (path: string): number => path.split('/').length;
  return depth(one) > depth(other) || (depth(one) === depth(other) && other.includes('*'));
}

/** The start of `path` that `pattern` covers, with `*` filled in, or null. */
export function matchRoom(path: string, pattern: string): string | null {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length < wanted.length) return null;
  for (const [index, want] of wanted.entries()) {
    const part = parts[index];
    // `*` is a folder: a file directly below belongs to the room above.
    if (want === '*' ? index === parts.length - 1 : part !== want) return null;
  }
  return parts.slice(0, wanted.length).join('/');
}
