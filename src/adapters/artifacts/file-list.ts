import { RESERVED_FOLDER } from '../../contract/compile-cache.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { ArtifactFile } from '../../ports/artifacts.ts';

const FILES_MAX = 100_000;
const PATH_BYTES_MAX = 1_024;
/** The longest name that common file systems take. */
const NAME_BYTES_MAX = 255;

/**
 * Checks a file list that came from outside: every path stays inside the tree and can be laid out beside the others.
 * @throws MayflyError VALIDATION_FAILED naming the first path that is wrong
 */
export function checkFileList(files: readonly ArtifactFile[]): void {
  if (files.length === 0) throw refuse('An artifact has at least one file.');
  if (files.length > FILES_MAX) throw refuse(`An artifact has at most ${FILES_MAX} files.`);
  const paths = new Set<string>();
  for (const file of files) {
    const fault = pathFault(file.path);
    if (fault !== null) throw refuse(`${JSON.stringify(file.path)} ${fault}.`);
    if (paths.has(file.path)) throw refuse(`${JSON.stringify(file.path)} occurs twice.`);
    if (!/^[0-9a-f]{64}$/.test(file.sha256)) throw refuse(`${JSON.stringify(file.path)} has no SHA-256.`);
    if (!Number.isSafeInteger(file.bytes) || file.bytes < 0) {
      throw refuse(`${JSON.stringify(file.path)} has no valid size.`);
    }
    if (file.mode !== 0o644 && file.mode !== 0o755) {
      throw refuse(`${JSON.stringify(file.path)} has a mode other than 644 and 755.`);
    }
    paths.add(file.path);
  }
  for (const folder of foldersOf(files)) {
    if (paths.has(folder)) throw refuse(`${JSON.stringify(folder)} is both a file and a folder.`);
  }
}

/** Every folder that the files need, parents before children. */
export function foldersOf(files: readonly ArtifactFile[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return [...folders].sort();
}

function pathFault(path: string): string | null {
  if (path === '') return 'is empty';
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return `is longer than ${PATH_BYTES_MAX} bytes`;
  if (path.startsWith('/')) return 'is absolute';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has control characters';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  const names = path.split('/');
  if (names[0] === RESERVED_FOLDER) return `is below ${RESERVED_FOLDER}/, which is reserved`;
  for (const name of names) {
    if (name === '' || name === '.' || name === '..') return 'has an empty, "." or ".." part';
    if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `has a name longer than ${NAME_BYTES_MAX} bytes`;
  }
  return null;
}

const refuse = (message: string) => new MayflyError('VALIDATION_FAILED', message);
