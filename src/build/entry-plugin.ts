import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { LISTENERS } from './worker-modules.ts';

const PREFIX = 'mayfly-entry:';

/** What one function's bundle starts from. */
export interface BundleEntry {
  /** Function name. */
  readonly name: string;
  /** Source file relative to the app's folder. */
  readonly file: string;
  /** `default`, `handler`, `a.b`. */
  readonly export: string;
  /** The file registers its function when it is loaded: nothing of it is passed on. */
  readonly registered: boolean;
  /** The file listens for events when it is loaded, as service workers do. */
  readonly listens: boolean;
  /** The file has a function of that name and does not export it. */
  readonly unexported: boolean;
  /** Further exports to be passed on. */
  readonly companions: readonly string[];
}

export function entryPoint(entry: BundleEntry): string {
  return `${PREFIX}${entry.name}`;
}

/**
 * Gives every function an entry of one line that passes on its one export, and those that its dialect looks at
 * besides. So a bundle has the same shape whether the source is an ES module or CommonJS, code for other exports of the
 * file falls away, and a missing export is esbuild's own error, with its place.
 */
export function entryPlugin(dir: string, entries: readonly BundleEntry[]): Plugin {
  const lines = new Map(entries.map((entry) => [entry.name, lineOf(entry)]));
  const unexported = Map.groupBy(
    entries.filter((entry) => entry.unexported),
    (entry) => join(dir, entry.file),
  );
  return {
    name: 'mayfly-entry',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${PREFIX}`) }, ({ path }) => ({
        path: path.slice(PREFIX.length),
        namespace: 'mayfly-entry',
      }));
      build.onLoad({ filter: /.*/, namespace: 'mayfly-entry' }, ({ path }) => ({
        contents: lines.get(path) ?? '',
        resolveDir: dir,
        loader: 'js',
      }));
      // Not by esbuild itself: a package.json that says the app has no side effects would lose what only registers.
      build.onResolve({ filter: /^\.\//, namespace: 'mayfly-entry' }, async ({ path }) => ({
        path: await realpath(join(dir, path)),
      }));
      if (unexported.size === 0) return;
      build.onLoad({ filter: /\.[cm]?[jt]s$/, namespace: 'file' }, async ({ path }) => {
        const names = unexported.get(path)?.map((entry) => entry.export);
        if (names === undefined) return undefined;
        const lines = [...new Set(names)].map((name) => `exports.${name} = ${name};\n`);
        const contents = `${await readFile(path, 'utf8')}\n${lines.join('')}`;
        return { contents, loader: /\.[cm]?ts$/.test(path) ? 'ts' : 'js' };
      });
    },
  };
}

function lineOf({ file, export: path, registered, listens, companions }: BundleEntry): string {
  const source = JSON.stringify(`./${file}`);
  if (listens) return `import { worker } from '${LISTENERS}'; import ${source}; export default worker;`;
  const passed = [path.split('.')[0], ...companions].map((name) => JSON.stringify(name));
  return registered ? `import ${source};` : `export { ${[...new Set(passed)].join(', ')} } from ${source};`;
}
