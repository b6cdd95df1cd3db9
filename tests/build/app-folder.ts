import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import type { BuiltApp } from '../../src/build/built-app.ts';
import type { Problem } from '../../src/build/problem.ts';
import type { ArtifactFileManifest, FunctionManifest } from '../../src/contract/manifest.ts';
import { MayflyError } from '../../src/domain/errors.ts';

/** An app in a temporary folder, removed at the end of the scope that declares it with `await using`. */
export class AppFolder {
  readonly root: string;
  readonly dir: string;

  private constructor(root: string, name: string) {
    this.root = root;
    this.dir = join(root, name);
  }

  static async create(
    files: Readonly<Record<string, string | Uint8Array>>,
    name = 'app',
  ): Promise<AppFolder> {
    const app = new AppFolder(await realpath(await mkdtemp(join(tmpdir(), 'mayfly-build-'))), name);
    await mkdir(app.dir);
    await app.write(files);
    return app;
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.dir, path)), { recursive: true });
      await writeFile(join(this.dir, path), content);
    }
  }

  load() {
    return loadApp(this.dir);
  }

  async build(): Promise<BuiltApp> {
    return buildApp(await this.load());
  }

  /** The problems that loading or building ends with; empty when it succeeds. */
  async problems(): Promise<{ readonly code: string; readonly list: readonly Problem[] }> {
    try {
      await this.build();
      return { code: '', list: [] };
    } catch (error) {
      if (!(error instanceof MayflyError)) throw error;
      return { code: error.code, list: (error.details?.problems ?? []) as Problem[] };
    }
  }

  /** Lays a function's artifact out as a node does and loads its handler in a process of its own. */
  async run(built: BuiltApp, name: string, expression: string): Promise<unknown> {
    const { handler } = functionOf(built, name);
    const root = join(this.root, 'laid-out', name);
    await rm(root, { recursive: true, force: true });
    for (const file of filesOf(built, name)) {
      const path = join(root, file.path);
      await mkdir(dirname(path), { recursive: true });
      const blob = built.blobs.get(file.sha256);
      if (blob === undefined) throw new Error(`no blob for ${file.path}`);
      await pipeline(blob.open(), createWriteStream(path, { mode: file.mode }));
    }
    const script = `
      const loaded = await import(${JSON.stringify(join(root, handler.file))});
      const handler = ${JSON.stringify(handler.export.split('.'))}.reduce((value, key) => value[key], loaded);
      console.log(JSON.stringify(await (${expression})));
    `;
    const result = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: root,
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(`${name} failed: ${result.stderr}`);
    return JSON.parse(result.stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

export function functionOf(built: BuiltApp, name: string): FunctionManifest {
  const found = built.manifest.functions.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no function "${name}" was built`);
  return found;
}

export function filesOf(built: BuiltApp, name: string): readonly ArtifactFileManifest[] {
  const { handler } = functionOf(built, name);
  return built.artifacts.find((list) => list.some((file) => file.path === handler.file)) ?? [];
}

export function pathsOf(built: BuiltApp, name: string): string[] {
  return filesOf(built, name).map((file) => file.path);
}

/** A built text file of a function. */
export async function textOf(built: BuiltApp, name: string, path: string): Promise<string> {
  const file = filesOf(built, name).find((candidate) => candidate.path === path);
  const blob = built.blobs.get(file?.sha256 ?? '');
  if (blob === undefined) throw new Error(`no file ${path} in ${name}`);
  return readText(blob.open());
}
