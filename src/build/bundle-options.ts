import type { BuildOptions as EsbuildOptions, Plugin } from 'esbuild';
import { DIRNAME, FILENAME, PREAMBLE } from './module-preamble.ts';

/** How every bundle is made: one ES module with its source map beside it, nothing written to disk. */
export function bundleOptions(
  dir: string,
  settings: {
    readonly entryPoints: { in: string; out: string }[];
    readonly external: string[];
    readonly plugins: Plugin[];
    readonly minify: boolean;
    readonly target: string;
  },
) {
  return {
    ...settings,
    absWorkingDir: dir,
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    charset: 'utf8',
    loader: { '.txt': 'text', '.md': 'text', '.html': 'text', '.sql': 'text' },
    // Positions and names are all that a stack needs; the sources stay with their author.
    sourcemap: 'linked',
    sourcesContent: false,
    // Two classes of one name would become X and X2, and `error.constructor.name` would lie. Costs 5 ms of 75 when
    // the AWS SDK loads.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
    banner: { js: PREAMBLE },
    define: { __dirname: DIRNAME, __filename: FILENAME },
  } as const satisfies EsbuildOptions;
}
