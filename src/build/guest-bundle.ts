import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const GUEST = new URL('../../guest/node/', import.meta.url);

/**
 * Bundles the Node guest into one CommonJS file (which boots faster than an ES module), with the built-ins it uses
 * replaced by those of `intrinsics.ts`. Rejects with esbuild's BuildFailure.
 */
export async function bundleGuest(outFile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', GUEST))],
    inject: [fileURLToPath(new URL('intrinsics.ts', GUEST))],
    outfile: outFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    define: { 'import.meta.filename': '__filename' },
    logLevel: 'silent',
  });
}
