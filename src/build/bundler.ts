import { posix, resolve } from 'node:path';
import { type BuildContext, type BuildFailure, type BuildResult, context, type Message } from 'esbuild';
import { type AssetTable, assetPlugin } from './asset-plugin.ts';
import type { BuiltFile } from './built-file.ts';
import { bundleOptions, findsItself } from './bundle-options.ts';
import { type BundleEntry, entryPlugin, entryPoint } from './entry-plugin.ts';
import { packageNameOf, problemFrom } from './esbuild-problem.ts';
import { type PackageImport, resolveImports } from './imported-packages.ts';
import { packageOf } from './package-lookup.ts';
import { type Problem, problemAt, problemsError } from './problem.ts';
import { findUnbundlable } from './unbundlable-packages.ts';

/** One function's code in one file, and what has to lie beside it. */
export interface Bundle {
  /** Path of the bundle in the artifact: in the folder of its source, named after the function. */
  readonly file: string;
  /** The bundle, its source map, its assets. */
  readonly files: readonly BuiltFile[];
  /** Packages that the bundle imports at run time: name → folder. */
  readonly packages: ReadonlyMap<string, string>;
  /** Absolute paths of the sources and assets in it, packages left out. */
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

type Written = { readonly write: false; readonly metafile: true };
type Result = BuildResult<Written>;

/**
 * Bundles functions that share their settings. Keeps what esbuild has parsed, so that bundling again after a change
 * takes milliseconds. Which packages cannot be bundled shows only when the imports have been followed: then these
 * are left out and the rest is bundled once more; the packages found are remembered.
 */
export class Bundler {
  readonly #request: BundleRequest;
  readonly #assets: AssetTable = new Map();
  /** Packages shipped as files: name → what the author should know about it. */
  readonly #shipped = new Map<string, Problem | null>();
  /** Inputs that were looked at for what cannot be bundled. */
  readonly #checked = new Set<string>();
  #context: BuildContext<Written> | null = null;

  constructor(request: BundleRequest) {
    this.#request = request;
    for (const name of request.external) this.#shipped.set(name, null);
  }

  /**
   * @returns the bundles by function name
   * @throws MayflyError BUILD_FAILED; the signal's reason
   */
  async bundle(signal: AbortSignal | undefined): Promise<Map<string, Bundle>> {
    // Each round ships at least one more package, so that this ends.
    for (;;) {
      const outcome = await this.#run(signal);
      const failed = outcome instanceof Error;
      const unbundlable = failed ? this.#blame(outcome.errors) : await this.#inspect(outcome);
      if (await this.#ship(unbundlable)) continue;
      if (failed) throw problemsError('BUILD_FAILED', outcome.errors.map(problemFrom));
      const bundles = await this.#collect(outcome);
      if (bundles !== null) return bundles;
    }
  }

  async close(): Promise<void> {
    const closing = this.#context;
    this.#context = null;
    await closing?.dispose();
  }

  async #run(signal: AbortSignal | undefined): Promise<Result | BuildFailure> {
    signal?.throwIfAborted();
    const { dir, entries, minify } = this.#request;
    this.#context ??= await context(
      bundleOptions(dir, {
        entryPoints: entries.map((entry) => ({ in: entryPoint(entry), out: outputOf(entry) })),
        external: [...this.#shipped.keys()].sort(),
        plugins: [entryPlugin(dir, entries), assetPlugin(this.#assets)],
        minify,
      }),
    );
    const running = this.#context;
    const cancel = () => void running.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await running.rebuild().catch((failure: BuildFailure) => failure);
    } finally {
      signal?.removeEventListener('abort', cancel);
      signal?.throwIfAborted();
    }
  }

  /** Leaves packages out from now on. Returns whether any of them is new. */
  async #ship(packages: ReadonlyMap<string, Problem | null>): Promise<boolean> {
    const fresh = [...packages].filter(([name]) => !this.#shipped.has(name));
    for (const [name, problem] of fresh) this.#shipped.set(name, problem);
    if (fresh.length > 0) await this.close();
    return fresh.length > 0;
  }

  /** An error inside a package is about something that bundling cannot do; Node itself may well load the package. */
  #blame(errors: readonly Message[]): Map<string, Problem> {
    const blamed = new Map<string, Problem>();
    for (const error of errors) {
      const owner = packageOf(this.#absolute(error.location?.file ?? ''));
      if (owner === null) continue;
      const problem = problemFrom(error);
      blamed.set(
        owner.name,
        problemAt(problem, `package "${owner.name}" is shipped as files: ${problem.message}`),
      );
    }
    return blamed;
  }

  async #inspect({ metafile, outputFiles }: Result): Promise<Map<string, null>> {
    const beside = outputFiles.some(({ path, text }) => path.endsWith('.mjs') && findsItself(text));
    const fresh = Object.keys(metafile.inputs).filter((input) => !this.#checked.has(`${input} ${beside}`));
    for (const input of fresh) this.#checked.add(`${input} ${beside}`);
    const found = await findUnbundlable(
      fresh.map((input) => this.#absolute(input)),
      beside,
    );
    return new Map([...found].map((name) => [name, null]));
  }

  /** `null` when more packages turned out to be needed as files. */
  async #collect(result: Result): Promise<Map<string, Bundle> | null> {
    const contents = new Map(result.outputFiles.map((file) => [file.path, file.contents]));
    const warnings = [
      ...result.warnings
        .filter(({ location }) => packageOf(this.#absolute(location?.file ?? '')) === null)
        .map(problemFrom),
      ...[...this.#shipped.values()].filter((problem) => problem !== null),
    ];
    const bundles = new Map<string, Bundle>();
    for (const entry of this.#request.entries) {
      const file = `${outputOf(entry)}.mjs`;
      const inputs = Object.keys(result.metafile.outputs[file]?.inputs ?? {});
      const packages = await this.#packagesOf(inputs, result);
      if (packages === null) return null;
      const paths = inputs.map((input) => this.#absolute(input)).filter((path) => path !== '');
      const assets = this.#assetsOf(paths, posix.dirname(file));
      const code = [file, `${file}.map`].map((path): BuiltFile => {
        return {
          path,
          mode: 0o644,
          content: contents.get(resolve(this.#request.dir, path)) ?? new Uint8Array(),
        };
      });
      const sources = [
        ...paths,
        ...assets.flatMap(({ content }) => ('file' in content ? [content.file] : [])),
      ];
      bundles.set(entry.name, {
        file,
        files: [...code, ...assets],
        packages,
        sources: sources.filter((path) => packageOf(path) === null),
        warnings,
      });
    }
    return bundles;
  }

  #assetsOf(sources: readonly string[], folder: string): BuiltFile[] {
    const assets = sources.flatMap((source) => this.#assets.get(source) ?? []);
    const files = assets.flatMap((asset) => asset.files);
    return files.map((file) => ({ ...file, path: posix.join(folder, file.path) }));
  }

  async #packagesOf(
    inputs: readonly string[],
    { metafile }: Result,
  ): Promise<ReadonlyMap<string, string> | null> {
    const imports = inputs.flatMap((input): PackageImport[] =>
      (metafile.inputs[input]?.imports ?? [])
        .filter(({ path, external }) => external === true && this.#shipped.has(packageNameOf(path)))
        .map(({ path }) => ({ name: packageNameOf(path), importer: this.#absolute(input) })),
    );
    const { packages, missing, disagreeing } = await resolveImports(imports, this.#request.dir);
    const demanded = missing.filter(({ name }) => this.#request.external.includes(name));
    if (demanded.length > 0) {
      throw problemsError(
        'BUILD_FAILED',
        demanded.map((entry) => notInstalled(entry, this.#request.dir)),
      );
    }
    return (await this.#ship(new Map(disagreeing.map((name) => [name, null])))) ? null : packages;
  }

  /** Absolute path of a metafile's input; empty for inputs that are no files. */
  #absolute(input: string): string {
    return input === '' || /^[a-z-]+:/.test(input) ? '' : resolve(this.#request.dir, input);
  }
}

function notInstalled({ name, importer }: PackageImport, dir: string): Problem {
  const place = { file: posix.relative(dir, importer), line: null, column: null };
  return problemAt(place, `package "${name}" is not installed`, `install it: npm install ${name}`);
}

function outputOf(entry: BundleEntry): string {
  return posix.join(posix.dirname(entry.file), entry.name);
}
