import { dirname, isAbsolute, posix, resolve } from 'node:path';
import { type BuildContext, type BuildFailure, type BuildResult, context, type Message } from 'esbuild';
import { type AssetTable, assetPlugin } from './asset-plugin.ts';
import type { BuiltFile } from './built-file.ts';
import { type BundleEntry, entryPlugin, entryPoint } from './entry-plugin.ts';
import { packageNameOf, problemFrom } from './esbuild-problem.ts';
import { findPackage, packageOf } from './package-lookup.ts';
import { type Problem, problemAt, problemsError } from './problem.ts';
import { findUnbundlable } from './unbundlable-packages.ts';

/** One function's code in one file, and what has to lie beside it. */
export interface Bundle {
  /** Path of the bundle in the artifact: in the folder of its source, named after the function. */
  readonly file: string;
  readonly files: readonly BuiltFile[];
  /** Packages that the bundle imports at run time: name → folder. */
  readonly packages: ReadonlyMap<string, string>;
  /** Absolute paths of the sources in it, packages left out. */
  readonly sources: readonly string[];
  readonly warnings: readonly Problem[];
}

export interface BundleRequest {
  readonly dir: string;
  readonly entries: readonly BundleEntry[];
  /** Packages that the author wants shipped as files. */
  readonly external: readonly string[];
  readonly minify: boolean;
}

type Result = BuildResult<{ write: false; metafile: true }>;
type Context = BuildContext<{ write: false; metafile: true }>;

/**
 * Bundles functions that share their settings. Keeps what esbuild has parsed, so that bundling again after a change
 * takes milliseconds. Which packages cannot be bundled shows only when the imports have been followed: then these
 * are left out and the rest is bundled once more; the packages found are remembered.
 */
export class Bundler {
  readonly #request: BundleRequest;
  readonly #assets: AssetTable = new Map();
  /** Package name → why it is shipped as files. */
  readonly #shipped = new Map<string, Problem | null>();
  #context: Context | null = null;

  constructor(request: BundleRequest) {
    this.#request = request;
    for (const name of request.external) this.#shipped.set(name, null);
  }

  /**
   * @returns the bundles by function name
   * @throws MayflyError BUILD_FAILED; the signal's reason
   */
  async bundle(signal: AbortSignal | undefined): Promise<Map<string, Bundle>> {
    for (;;) {
      signal?.throwIfAborted();
      this.#context ??= await this.#open();
      const cancel = () => void this.#context?.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      const outcome: Result | BuildFailure = await this.#context.rebuild().catch((failure) => failure);
      signal?.removeEventListener('abort', cancel);
      signal?.throwIfAborted();
      const failed = outcome instanceof Error;
      const unbundlable = failed ? this.#blamedPackages(outcome.errors) : await this.#unbundlable(outcome);
      if (!(await this.#ship(unbundlable))) {
        if (failed) throw problemsError('BUILD_FAILED', outcome.errors.map(problemFrom));
        const bundles = await this.#read(outcome);
        if (bundles !== null) return bundles;
      }
    }
  }

  async close(): Promise<void> {
    const closing = this.#context;
    this.#context = null;
    await closing?.dispose();
  }

  /** Leaves packages out from now on. Returns whether any of them is new. */
  async #ship(packages: ReadonlyMap<string, Problem | null>): Promise<boolean> {
    const fresh = [...packages].filter(([name]) => !this.#shipped.has(name));
    for (const [name, problem] of fresh) this.#shipped.set(name, problem);
    if (fresh.length > 0) await this.close();
    return fresh.length > 0;
  }

  #open(): Promise<Context> {
    const { dir, entries, minify } = this.#request;
    return context({
      absWorkingDir: dir,
      entryPoints: entries.map((entry) => ({ in: entryPoint(entry), out: bundlePath(entry) })),
      outdir: dir,
      outExtension: { '.js': '.mjs' },
      external: [...this.#shipped.keys()].sort(),
      plugins: [entryPlugin(dir, entries), assetPlugin(this.#assets)],
      loader: { '.txt': 'text', '.md': 'text', '.html': 'text', '.sql': 'text' },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      charset: 'utf8',
      sourcemap: 'linked',
      sourcesContent: false,
      minify,
      keepNames: minify,
      legalComments: 'none',
      logLevel: 'silent',
      // CommonJS code in an ES module: `require` for what stays outside, and the two path variables.
      banner: {
        js: [
          'import { createRequire as __mayflyCreateRequire } from "node:module";',
          'const require = __mayflyCreateRequire(import.meta.url);',
          'const __mayflyDirname = import.meta.dirname, __mayflyFilename = import.meta.filename;',
        ].join('\n'),
      },
      define: { __dirname: '__mayflyDirname', __filename: '__mayflyFilename' },
    });
  }

  /** An error inside a package is about something bundling cannot do; Node itself may well load the package. */
  #blamedPackages(errors: readonly Message[]): Map<string, Problem> {
    const blamed = new Map<string, Problem>();
    for (const error of errors) {
      const owner = packageOf(this.#absolute(error.location?.file ?? ''));
      if (owner === null) continue;
      const { message } = problemFrom(error);
      const place = { file: error.location?.file ?? null, line: error.location?.line ?? null, column: null };
      blamed.set(owner.name, problemAt(place, `package "${owner.name}" is shipped as files: ${message}`));
    }
    return blamed;
  }

  async #unbundlable(result: Result): Promise<Map<string, null>> {
    const inputs = Object.keys(result.metafile.inputs).map((input) => this.#absolute(input));
    const marks = ['__mayflyDirname', '__mayflyFilename', 'import.meta.'];
    const readBeside = result.outputFiles.some(
      ({ path, text }) =>
        path.endsWith('.mjs') && marks.some((mark) => text.lastIndexOf(mark) > bannerEnd(text)),
    );
    return new Map([...(await findUnbundlable(inputs, readBeside))].map((name) => [name, null]));
  }

  /** `null` when two versions of one package are needed: their importers then have to be shipped as files too. */
  async #read(result: Result): Promise<Map<string, Bundle> | null> {
    const bundles = new Map<string, Bundle>();
    const contents = new Map(result.outputFiles.map((file) => [file.path, file.contents]));
    const warnings = result.warnings.filter(({ location }) => !location?.file.includes('node_modules/'));
    const shared = [
      ...warnings.map(problemFrom),
      ...[...this.#shipped.values()].filter((why) => why !== null),
    ];
    const { dir } = this.#request;
    for (const entry of this.#request.entries) {
      const file = `${bundlePath(entry)}.mjs`;
      const inputs = Object.keys(result.metafile.outputs[file]?.inputs ?? {});
      const packages = await this.#packagesOf(inputs, result);
      if (packages === null) return null;
      const sources = inputs
        .map((input) => this.#absolute(input))
        .filter((path) => path !== '' && !packageOf(path));
      const assets = inputs.flatMap((input) => this.#assets.get(this.#absolute(input)) ?? []);
      const folder = posix.dirname(file);
      const beside = assets.flatMap((asset) =>
        asset.files.map((part) => ({ ...part, path: posix.join(folder, part.path) })),
      );
      const code = [file, `${file}.map`].map((path): BuiltFile => {
        return { path, mode: 0o644, content: contents.get(resolve(dir, path)) ?? new Uint8Array() };
      });
      bundles.set(entry.name, { file, files: [...code, ...beside], packages, sources, warnings: shared });
    }
    return bundles;
  }

  async #packagesOf(inputs: readonly string[], result: Result): Promise<Map<string, string> | null> {
    const found = new Map<string, Map<string, string[]>>();
    const missing = new Map<string, string>();
    for (const input of inputs) {
      for (const { path, external } of result.metafile.inputs[input]?.imports ?? []) {
        const name = packageNameOf(path);
        if (external !== true || !this.#shipped.has(name)) continue;
        const importer = this.#absolute(input);
        const folder = await findPackage(name, dirname(importer));
        if (folder === null) {
          missing.set(name, input);
          continue;
        }
        const places = found.get(name) ?? new Map<string, string[]>();
        places.set(folder, [...(places.get(folder) ?? []), importer]);
        found.set(name, places);
      }
    }
    for (const [name, file] of missing) {
      if (found.has(name) || !this.#request.external.includes(name)) continue;
      const place = { file, line: null, column: null };
      throw problemsError('BUILD_FAILED', [
        problemAt(place, `package "${name}" is not installed`, `install it: npm install ${name}`),
      ]);
    }
    const packages = new Map<string, string>();
    for (const [name, places] of found) {
      const folder = await chooseFolder(name, places, this.#request.dir);
      const others = [...places].filter(([place]) => place !== folder).flatMap(([, importers]) => importers);
      if (await this.#ship(new Map(others.map((file) => [packageOf(file)?.name ?? name, null])))) return null;
      packages.set(name, folder);
    }
    return packages;
  }

  /** Absolute path of a metafile's input; empty for inputs that are no files. */
  #absolute(input: string): string {
    if (/^[a-z-]+:/.test(input) || input === '') return '';
    return isAbsolute(input) ? input : resolve(this.#request.dir, input);
  }
}

/** The version that the app's own code sees; without one, that of the first importer by path. */
async function chooseFolder(
  name: string,
  places: ReadonlyMap<string, readonly string[]>,
  dir: string,
): Promise<string> {
  const own = await findPackage(name, dir);
  if (own !== null && places.has(own)) return own;
  const first = [...places].map(
    ([folder, importers]) => [[...importers].sort()[0] as string, folder] as const,
  );
  return first.sort(([left], [right]) => (left < right ? -1 : 1))[0]?.[1] as string;
}

function bundlePath(entry: BundleEntry): string {
  return posix.join(posix.dirname(entry.file), entry.name);
}

/** Where the code proper begins. */
function bannerEnd(text: string): number {
  return text.indexOf('\n', text.indexOf('__mayflyFilename = import.meta.filename;'));
}
