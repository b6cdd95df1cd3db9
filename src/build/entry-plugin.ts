import type { Plugin } from 'esbuild';

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
}

export function entryPoint(entry: BundleEntry): string {
  return `${PREFIX}${entry.name}`;
}

/**
 * Gives every function an entry of one line that passes on its one export. So a bundle has the same shape whether
 * the source is an ES module or CommonJS, code for other exports of the file falls away, and a missing export is
 * esbuild's own error, with its place.
 */
export function entryPlugin(dir: string, entries: readonly BundleEntry[]): Plugin {
  const lines = new Map(
    entries.map(({ name, file, export: path, registered }) => {
      const source = JSON.stringify(`./${file}`);
      const passed = JSON.stringify(path.split('.')[0]);
      return [name, registered ? `import ${source};` : `export { ${passed} } from ${source};`];
    }),
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
    },
  };
}
