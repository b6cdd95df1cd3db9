import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { bundleWeb } from './web-bundle.ts';

const GUEST = new URL('../../guest/node/', import.meta.url);

/**
 * Bundles the Node guest into one CommonJS file (which boots faster than an ES module), with the built-ins it uses
 * replaced by those of `intrinsics.ts`. Returns the paths of all sources, relative to the root of
 * the project. Rejects with esbuild's BuildFailure.
 */
export async function bundleGuest(outFile: string): Promise<readonly string[]> {
  const web = await bundleWeb();
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
    entryPoints: [fileURLToPath(new URL('main.ts', GUEST))],
    inject: [fileURLToPath(new URL('intrinsics.ts', GUEST))],
    // Beside the guest, not in it: undici works with what the author's code sees, as Node's own copy does.
    banner: { js: `const webModule=()=>{const module={exports:{}};${web.text};return module.exports};` },
    outfile: outFile,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    define: { 'import.meta.filename': '__filename' },
    plugins: [webFromBanner],
    logLevel: 'silent',
  });
  return [...Object.keys(metafile.inputs), ...Object.keys(web.inputs)];
}

const webFromBanner: Plugin = {
  name: 'web-from-banner',
  setup(build) {
    build.onLoad({ filter: /\/guest\/web\/main\.ts$/ }, () => ({
      contents: 'export const { evaluateClasses, evaluateFetch } = webModule();',
    }));
  },
};
