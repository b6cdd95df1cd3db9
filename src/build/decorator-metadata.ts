import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OnLoadResult, PartialMessage } from 'esbuild';
import { parse } from 'jsonc-parser';

type Settings = Readonly<Record<string, unknown>>;

/** As much as is used of the compiler's API (versions 4 and 5). */
interface Compiler {
  transpileModule(
    text: string,
    options: { readonly fileName: string; readonly compilerOptions: Settings },
  ): { readonly outputText: string };
}

const TYPESCRIPT = /\.[cm]?tsx?$/;
/** `@name` where a decorator may stand; in a comment there is a `*` before it. */
const DECORATED = /(^|[(,])[ \t]*@[A-Za-z_$]/m;
/** Files that say `extends` of one another. */
const extendsMax = 8;
/** `ESNext` of the compiler's enumerations; what the runtime lacks of it, esbuild adds. */
const ESNEXT = 99;
const CLASS_FIELDS = /^(es2022|es2023|es2024|es2025|esnext)$/i;
const ADVICE = 'npm install --save-dev typescript@5';

/**
 * Frameworks that inject by type (NestJS, TypeORM, tsyringe …) read at run time what types the parameters of a constructor have. That is the compiler's
 * `emitDecoratorMetadata`, for which it must know types; esbuild does not. Where tsconfig.json asks for it, files with
 * decorators go through the author's own compiler first.
 */
export class DecoratorMetadata {
  readonly #dir: string;
  readonly #settings = new Map<string, Promise<Settings>>();
  #compiler: Promise<Compiler | null> | null = null;

  /** @param dir the app's folder, absolute */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The file as JavaScript that records the types, or a warning that nothing does; null: nobody asked for it. */
  async record(path: string, text: string): Promise<OnLoadResult | null> {
    if (!TYPESCRIPT.test(path) || !DECORATED.test(text)) return null;
    const settings = await this.#settingsFor(dirname(path));
    if (settings.emitDecoratorMetadata !== true) return null;
    this.#compiler ??= findCompiler(this.#dir);
    const compiler = await this.#compiler;
    if (compiler === null) return { warnings: [this.#missing(path)] };
    const { target, useDefineForClassFields, verbatimModuleSyntax, jsx } = settings;
    const { outputText } = compiler.transpileModule(text, {
      fileName: path,
      compilerOptions: {
        target: ESNEXT,
        module: ESNEXT,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        inlineSourceMap: true,
        useDefineForClassFields: useDefineForClassFields ?? CLASS_FIELDS.test(String(target)),
        ...(verbatimModuleSyntax === undefined ? {} : { verbatimModuleSyntax }),
        ...(jsx === undefined ? {} : { jsx: 1 }),
      },
    });
    return { contents: outputText, loader: jsx === undefined ? 'js' : 'jsx' };
  }

  #missing(path: string): PartialMessage {
    const file = relative(this.#dir, path);
    const text =
      'tsconfig.json asks for emitDecoratorMetadata, and there is no TypeScript that can do it: what is injected by type will be undefined';
    return { text, location: { file, line: 1, column: 0, suggestion: '' }, notes: [{ text: ADVICE }] };
  }

  /** Of the tsconfig.json that holds for a folder: the nearest one up to the app's. */
  #settingsFor(folder: string): Promise<Settings> {
    const known = this.#settings.get(folder);
    if (known !== undefined) return known;
    const found = readSettings(join(folder, 'tsconfig.json')).then((own) => {
      if (own !== null) return own;
      const parent = dirname(folder);
      return folder === this.#dir || parent === folder ? {} : this.#settingsFor(parent);
    });
    this.#settings.set(folder, found);
    return found;
  }
}

/** `compilerOptions` with those that it extends; null: there is no such file. */
async function readSettings(file: string, left = extendsMax): Promise<Settings | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null || left === 0) return null;
  const { extends: bases = [], compilerOptions = {} } = (parse(text) ?? {}) as {
    extends?: string | string[];
    compilerOptions?: Settings;
  };
  const merged: Record<string, unknown> = {};
  for (const base of [bases].flat()) {
    const path = baseOf(file, base);
    Object.assign(merged, path === null ? null : await readSettings(path, left - 1));
  }
  return { ...merged, ...compilerOptions };
}

function baseOf(file: string, base: string): string | null {
  const named = base.endsWith('.json') ? base : `${base}.json`;
  if (/^[./]/.test(base)) return resolve(dirname(file), named);
  for (const name of [base, named]) {
    try {
      return createRequire(file).resolve(name);
    } catch {
      // esbuild tells of one that is not there.
    }
  }
  return null;
}

/** The author's TypeScript; null: none, or one without this API (from version 7 on). */
async function findCompiler(dir: string): Promise<Compiler | null> {
  try {
    const path = createRequire(join(dir, 'package.json')).resolve('typescript');
    const found = (await import(pathToFileURL(path).href)) as { default?: Partial<Compiler> };
    return typeof found.default?.transpileModule === 'function' ? (found.default as Compiler) : null;
  } catch {
    return null;
  }
}
