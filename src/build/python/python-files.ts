import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltFile } from '../built-file.ts';

/** Files of a function in Python, and which of them are its author's code. */
export interface PythonFiles {
  /** Paths are relative to the root. */
  readonly files: readonly BuiltFile[];
  /** Of these, the author's own modules, by path. */
  readonly modules: readonly string[];
}

/** Folders and files that no function needs: caches, environments, version control, Mayfly's own, tools' settings, secrets. */
const NEVER =
  /^(\..+|__pycache__|node_modules|venv|env|virtualenv|wheels|.+\.egg-info|.+\.py[co]|mayfly\.yaml|mayfly\.config\.ts)$/;
/** Where Azure's tools put packages: the one hidden folder that is shipped. */
const AZURE_PACKAGES = '.python_packages';
/** Tests of the author's, by the names that their runners look for. */
const TEST = /^(tests?|testing|conftest\.py|test_.*\.py|.*_test\.py)$/;
/** Code, and what web frameworks read from beside it. */
const CODE = /\.(py|so|pyd)$/;
const BESIDE_CODE: ReadonlySet<string> = new Set(['templates', 'static']);
/** A folder that packages were installed into is shipped whole. */
const INSTALLED = /\.dist-info$/;
const VENDOR = 'vendor';
/** Deeper than any sane folder; ends a walk through links that lead in a circle. */
const depthMax = 64;

/**
 * What is shipped of a root: modules, `templates` and `static`, folders with installed packages; `everything`: all files but
 * those that no function needs. Links are followed.
 */
export async function listPythonFiles(root: string, everything: boolean): Promise<PythonFiles> {
  const found = await walk(root, '', 0, { whole: everything, installed: false });
  const modules = found.filter(({ own }) => own).map(({ path }) => path);
  return { files: found.map(({ own: _, ...file }) => file), modules };
}

type FoundFile = BuiltFile & { readonly own: boolean };

interface Below {
  /** All files are shipped, not only code. */
  readonly whole: boolean;
  /** They are somebody else's packages. */
  readonly installed: boolean;
}

async function walk(folder: string, below: string, depth: number, within: Below): Promise<FoundFile[]> {
  if (depth > depthMax) return [];
  const names = await readdir(folder);
  // A virtual environment, whatever it is called.
  if (names.includes('pyvenv.cfg')) return [];
  const packages = within.installed || names.some((name) => INSTALLED.test(name));
  const lists = await Promise.all(
    names
      .filter((name) => name === AZURE_PACKAGES || !NEVER.test(name))
      .map(async (name): Promise<FoundFile[]> => {
        const path = join(folder, name);
        const info = await stat(path).catch(() => null);
        const test = !packages && TEST.test(name);
        if (info?.isDirectory()) {
          const installed = packages || (depth === 0 && (name === VENDOR || name === AZURE_PACKAGES));
          const whole = within.whole || installed || BESIDE_CODE.has(name);
          return test ? [] : walk(path, `${below}${name}/`, depth + 1, { whole, installed });
        }
        const wanted = within.whole || packages || CODE.test(name);
        if (!info?.isFile() || !wanted || test) return [];
        const mode = (info.mode & 0o100) === 0 ? 0o644 : 0o755;
        const own = !packages && name.endsWith('.py');
        return [{ path: `${below}${name}`, mode, content: { file: await realpath(path) }, own }];
      }),
  );
  return lists.flat();
}
