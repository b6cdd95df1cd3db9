import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const WEB = new URL('../../guest/web/', import.meta.url);
const pathOf = (file: string): string => fileURLToPath(new URL(file, WEB));

/**
 * What undici takes from Node's modules when it is evaluated and uses later or never, by module: functions that are taken from
 * Node when they are called, and values that are taken when they are read.
 */
const LATER: Readonly<Record<string, { functions?: readonly string[]; values?: readonly string[] }>> = {
  'node:crypto': { functions: ['randomInt', 'getHashes', 'hash'] },
  'node:http': { values: ['STATUS_CODES'] },
  'node:zlib': {
    functions: [
      'createBrotliDecompress',
      'createGunzip',
      'createInflate',
      'createInflateRaw',
      'createZstdDecompress',
    ],
    values: ['constants'],
  },
};

/** Bundles `guest/web/main.ts` as one CommonJS module that requires nothing but Node's modules. */
export async function bundleWeb(): Promise<{ text: string; inputs: Metafile['inputs'] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
    entryPoints: [pathOf('main.ts')],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    plugins: [lighten],
    logLevel: 'silent',
  });
  return { text: outputFiles[0]!.text, inputs: metafile.inputs };
}

const lighten: Plugin = {
  name: 'lighten',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) =>
      path === 'node:assert' || path in LATER ? { path, namespace: 'later' } : null,
    );
    build.onResolve({ filter: /\/global$/ }, ({ path }) =>
      path === '../../global' ? { path: pathOf('dispatcher.ts') } : null,
    );
    build.onLoad({ filter: /^/, namespace: 'later' }, ({ path }) => ({ contents: standIn(path) }));
  },
};

function standIn(name: string): string {
  const real = `const real = () => process.getBuiltinModule(${JSON.stringify(name)});`;
  if (name === 'node:assert') {
    return `${real} module.exports = (value, message) => { if (!value) real()(value, message); };`;
  }
  const { functions = [], values = [] } = LATER[name]!;
  const members = [
    ...functions.map((key) => `${key}: (...parameters) => real().${key}(...parameters)`),
    ...values.map((key) => `get ${key}() { return real().${key}; }`),
  ];
  return `${real} module.exports = { ${members.join(', ')} };`;
}
