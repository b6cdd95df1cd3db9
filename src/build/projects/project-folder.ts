import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { SOURCE_SUFFIXES } from '../source-suffixes.ts';
import type { AppDraft } from './app-draft.ts';
import { readProjectText } from './project-text.ts';

/** Folders that hold nothing an author wrote for the project. */
const PASSED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.mayfly',
  '__pycache__',
  '.venv',
  'venv',
]);
/** More files than any project of sources has; the rest is not looked at. */
const filesMax = 20_000;

/** The folder of another tool's project: what is there, and what stands in its files. */
export class ProjectFolder {
  readonly #dir: string;
  readonly #draft: AppDraft;
  #files: Promise<readonly string[]> | null = null;

  /** @param dir absolute */
  constructor(dir: string, draft: AppDraft) {
    this.#dir = dir;
    this.#draft = draft;
  }

  /** A file's text, remembered as one that the app was read from; null: there is none. */
  async text(path: string): Promise<string | null> {
    const file = this.absolute(path);
    const text = await readProjectText(file);
    if (text !== null) this.#draft.readFrom(file);
    return text;
  }

  absolute(path: string): string {
    return join(this.#dir, path);
  }

  async hasFile(path: string): Promise<boolean> {
    return (await stat(this.absolute(path)).catch(() => null))?.isFile() ?? false;
  }

  /** The first of these files that is there. */
  async firstFile(paths: readonly string[]): Promise<string | null> {
    for (const path of paths) {
      const tidy = tidyPath(path);
      if (tidy !== null && (await this.hasFile(tidy))) return tidy;
    }
    return null;
  }

  /** A module that is named without its suffix, or with the suffix that it has after compilation. */
  async source(path: string): Promise<string | null> {
    const bare = path.replace(/\.[cm]?[jt]s$/, '');
    const names = [path, ...SOURCE_SUFFIXES.map((suffix) => `${bare}${suffix}`)];
    return this.firstFile([...names, ...SOURCE_SUFFIXES.map((suffix) => `${bare}/index${suffix}`)]);
  }

  /** Every file, relative and sorted, but for installed packages and the like. */
  files(): Promise<readonly string[]> {
    this.#files ??= list(this.#dir);
    return this.#files;
  }

  /** What `package.json` in a folder says; null: there is none, or it is no JSON. */
  async packageJson(folder = '.'): Promise<PackageJson | null> {
    const text = await this.text(posix.join(folder, 'package.json'));
    if (text === null) return null;
    try {
      return JSON.parse(text) as PackageJson;
    } catch {
      return null;
    }
  }
}

/** The part of `package.json` that tells how a vendor starts it; nothing of it is believed. */
export interface PackageJson {
  readonly name?: unknown;
  readonly main?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
}

/** A path inside the project in its shortest form; null: it leads out. */
export function tidyPath(path: string): string | null {
  const tidy = posix.normalize(path.replaceAll('\\', '/')).replace(/\/$/, '');
  return tidy === '..' || tidy.startsWith('../') || posix.isAbsolute(tidy) ? null : tidy;
}

async function list(dir: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(join(dir, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= filesMax) return;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) found.push(path);
      else if (entry.isDirectory() && !PASSED.has(entry.name)) await walk(path);
    }
  };
  await walk('');
  return found;
}
