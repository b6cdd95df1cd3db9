import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundleWeb } from './web-bundle.ts';

const GUEST = new URL('../../guest/node/', import.meta.url);
const SUPERVISOR = fileURLToPath(new URL('../../guest/supervisor/main.ts', import.meta.url));

/**
 * Bundles the Node guest: its program, one script around a function (which boots faster than an ES module), with the built-ins it uses
 * replaced by those of `intrinsics.ts`, and beside it `outFile`, which Node runs. Returns the paths of all sources, relative to the root of
 * the project. Rejects with esbuild's BuildFailure.
 */
export async function bundleGuest(outFile: string): Promise<readonly string[]> {
  const web = await bundleWeb();
  const [{ metafile }] = await Promise.all([
    build({
      ...OPTIONS,
      entryPoints: [pathOf('main.ts')],
      inject: [pathOf('intrinsics.ts')],
      outfile: join(dirname(outFile), 'node.program.js'),
      // Beside the guest, not in it: undici works with what the author's code sees, as Node's own copy does.
      banner: {
        js: `(function(exports,require,module,__filename,__dirname,importModule){${WEB_MODULE(web.text)}`,
      },
      footer: { js: '})' },
      metafile: true,
      plugins: [fromOutside],
    }),
    build({ ...OPTIONS, entryPoints: [pathOf('boot.ts')], outfile: outFile }),
  ]);
  return [...Object.keys(metafile.inputs), ...Object.keys(web.inputs)];
}

/**
 * Bundles the supervisor, the guest that runs programs, into one file. Nobody else's code runs in its process: it needs no
 * built-ins of its own. Returns the paths of all sources.
 */
export async function bundleSupervisor(outFile: string): Promise<readonly string[]> {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: [SUPERVISOR],
    outfile: outFile,
    metafile: true,
    plugins: [withoutWeb],
  });
  return Object.keys(metafile.inputs);
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, GUEST));

const OPTIONS = {
  absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  minifyWhitespace: true,
  minifySyntax: true,
  define: { 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
  logLevel: 'silent',
} as const satisfies BuildOptions;

const WEB_MODULE = (text: string): string =>
  `const webModule=()=>{const module={exports:{}};${text};return module.exports};`;

/** The supervisor shares modules with the Node guest, and never the web's classes. */
const withoutWeb: Plugin = {
  name: 'without-web',
  setup(build) {
    build.onLoad({ filter: /\/guest\/web\/main\.ts$/ }, () => ({
      contents: 'export const evaluateClasses = () => ({}), evaluateFetch = () => ({});',
    }));
  },
};

/** What is around the program and not compiled into its scope, by the module that stands for it in the sources. */
const fromOutside: Plugin = {
  name: 'from-outside',
  setup(build) {
    build.onLoad({ filter: /\/guest\/web\/main\.ts$/ }, () => ({
      contents: 'export const { evaluateClasses, evaluateFetch } = webModule();',
    }));
    build.onLoad({ filter: /\/guest\/node\/import-module\.ts$/ }, () => ({
      contents: 'const outer = importModule; export { outer as importModule };',
    }));
  },
};
