import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Loader, Plugin } from 'esbuild';
import type { BuiltFile } from './built-file.ts';
import { DecoratorMetadata } from './decorator-metadata.ts';
import { packageOf } from './package-lookup.ts';

/** Files that a source file names, to be laid beside the bundle. */
export interface Asset {
  /** Relative to the bundle's own folder, so that `import.meta.url` finds it: `assets/1a2b3c4d-model.bin`. */
  readonly path: string;
  readonly files: readonly BuiltFile[];
  /** Absolute path of the file or folder it comes from. */
  readonly source: string;
}

/** Absolute path of a source file → the assets it names. Filled while esbuild works. */
export type AssetTable = Map<string, readonly Asset[]>;

/** `new URL("./x", import.meta.url)`, the standard way to name a file beside the code. */
const ASSET_URL = /\bnew\s+URL\(\s*(["'`])(\.\.?\/[^"'`$]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;
const MENTIONS_URL = 'import.meta.url';
const LOADERS: Readonly<Record<string, Loader>> = {
  '.tsx': 'tsx',
  '.jsx': 'jsx',
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
};

/**
 * Ships what code reads beside itself: `new URL('./file', import.meta.url)` in the app's own sources (a folder is
 * shipped whole), `import module from './x.wasm'`, which gives a compiled `WebAssembly.Module`, and the app's own
 * native addons. Types that decorators want to know are recorded on the way. Packages are not rewritten: one that reads files beside itself is shipped whole instead.
 */
export function assetPlugin(dir: string, table: AssetTable): Plugin {
  return {
    name: 'mayfly-assets',
    setup(build) {
      const metadata = new DecoratorMetadata(dir);
      build.onLoad({ filter: ownSources(dir) }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        table.delete(path);
        const recorded = await metadata.record(path, text);
        if (!text.includes(MENTIONS_URL)) return recorded;
        const { contents, assets } = await rewriteUrls(path, String(recorded?.contents ?? text));
        table.set(path, assets);
        return { loader: LOADERS[extname(path)] ?? 'js', ...recorded, contents, watchFiles: [path] };
      });
      build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
        const asset = await assetOf(path);
        table.set(path, [asset]);
        return { contents: wasmModule(asset.path), loader: 'js' };
      });
      build.onLoad({ filter: /\.node$/ }, async ({ path }) => {
        if (packageOf(path, dir) !== null) return { errors: [{ text: 'a native addon cannot be bundled' }] };
        const asset = await assetOf(path);
        table.set(path, [asset]);
        return { contents: addonModule(asset.path), loader: 'js' };
      });
    },
  };
}

async function rewriteUrls(source: string, text: string): Promise<{ contents: string; assets: Asset[] }> {
  const assets: Asset[] = [];
  let contents = '';
  let end = 0;
  for (const match of text.matchAll(ASSET_URL)) {
    const file = resolve(dirname(source), match[2] as string);
    // Not there: perhaps a comment, perhaps a file of the running system. Left as it is.
    const found = await stat(file).catch(() => null);
    if (found === null) continue;
    const asset = found.isDirectory() ? await folderAssetOf(file) : await assetOf(file);
    assets.push(asset);
    contents += `${text.slice(end, match.index)}new URL(${JSON.stringify(`./${asset.path}`)}, import.meta.url)`;
    end = match.index + match[0].length;
  }
  return { contents: contents + text.slice(end), assets };
}

async function assetOf(file: string): Promise<Asset> {
  const content = await readFile(file);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const path = `assets/${digest}-${basename(file)}`;
  return { path, files: [{ path, mode: 0o644, content: { file } }], source: file };
}

async function folderAssetOf(folder: string): Promise<Asset> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const digest = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 8);
  const root = `assets/${digest}-${basename(folder)}`;
  const files = names.map((name): BuiltFile => {
    return { path: `${root}/${name}`, mode: 0o644, content: { file: join(folder, name) } };
  });
  return { path: `${root}/`, files, source: folder };
}

const wasmModule = (path: string) => `import { readFileSync } from "node:fs";
export default new WebAssembly.Module(readFileSync(new URL(${JSON.stringify(`./${path}`)}, import.meta.url)));
`;

const addonModule = (path: string) => `import { createRequire } from "node:module";
export default createRequire(import.meta.url)(${JSON.stringify(`./${path}`)});
`;

/**
 * Matches JavaScript and TypeScript files that are in no `node_modules`, or in none below the app's folder `dir`. esbuild's patterns have no look-ahead, so
 * that "a segment that is not node_modules" is spelt out letter by letter. It is worth it: a filter that matched
 * packages too would cost a message between two processes for each of their files, on every rebuild.
 */
export function ownSources(dir: string): RegExp {
  const word = 'node_modules';
  const others = [...word].map((letter, index) => `${word.slice(0, index)}([^/${letter}][^/]*)?`);
  const segment = `(${others.join('|')}|${word}[^/]+)`;
  const above = dir.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^(${above})?(/${segment})*/[^/]+\\.[cm]?[jt]sx?$`);
}
