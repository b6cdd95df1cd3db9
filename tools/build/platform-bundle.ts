import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { builtinsPlugin } from './builtins-plugin.ts';

/** Not bundled: a native program with a little JavaScript around it, found by its place in node_modules. */
const EXTERNAL = ['esbuild'];
/** Started as a thread, by its file. */
const WORKER = 'src/adapters/zips/unzip-worker.ts';

/**
 * Bundles the platform and the packages it uses into `dist/main.js` and parts beside it, one for each `import()`: what
 * a command does not use is not read. One file after the other (tsc's output) took 25 MB more memory and twice the time to start.
 * All parts lie in one folder, so that `import.meta.dirname` is the same in each. Names are kept for the sake of stacks.
 */
export async function bundlePlatform(root: string, dist: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src/main.ts'), join(root, WORKER)],
    entryNames: '[name]',
    outdir: dist,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: EXTERNAL,
    // Its CommonJS form hides what it requires from a bundler.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    plugins: [builtinsPlugin],
    // Comments are text like any other to V8, and one curly quote in them makes it store the whole file at two bytes a character.
    minifyWhitespace: true,
    minifySyntax: true,
    // Their licences are in a file of their own.
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    // What was written as CommonJS asks for Node's modules by `require`.
    banner: { js: "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return metafile;
}
