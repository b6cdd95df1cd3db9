import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { NpmBuilder } from '../adapters/npm-builds/npm-builder.ts';
import { openPlainWorkspaces } from '../adapters/sandboxes/plain-workspaces.ts';
import { openSandboxedWorkspaces } from '../adapters/sandboxes/sandboxed-workspaces.ts';
import type { Config } from '../config.ts';
import type { ArtifactStore } from '../ports/artifacts.ts';
import type { SourceBuilder } from '../ports/source-builder.ts';
import type { OnClose } from './closers.ts';

/** Most nodes never build: what that needs is opened at the first build. */
export function lazyBuilder(open: () => Promise<SourceBuilder>): SourceBuilder {
  let opened: Promise<SourceBuilder> | null = null;
  return {
    build: async (build) => {
      opened ??= open();
      opened.catch(() => {
        opened = null;
      });
      return (await opened).build(build);
    },
  };
}

/** Builds of pushed source run as isolated as functions do. `home`: the folder of the running program, `src/` or `dist/`. */
export async function openBuilder(
  config: Config,
  data: DataFolder,
  home: string,
  artifacts: ArtifactStore,
  onClose: OnClose,
): Promise<SourceBuilder> {
  const { program, readable } = ownProgram(home);
  const folder = data.folder('builds', 0o700);
  const programs = { node: realpathSync(process.execPath), readable };
  const limits = { memoryMb: config.buildMemoryMbMax };
  const open = config.isolation === 'sandbox' ? openSandboxedWorkspaces : openPlainWorkspaces;
  const workspaces = onClose(await open(folder, programs, limits), (part) => part.close());
  return new NpmBuilder({ workspaces, artifacts, mayfly: ['node', program], stepMs: config.buildTimeoutMs });
}

/** The file that starts Mayfly, and what it reads to run: its own code and its packages, no other file of a checkout. */
function ownProgram(home: string): { readonly program: string; readonly readable: readonly string[] } {
  const program = ['main.ts', 'main.js'].map((name) => join(home, name)).find(existsSync)!;
  const root = join(home, '..');
  const own = ['package.json', 'src', 'dist', 'guest', 'schema', 'templates'].map((name) => join(root, name));
  const beside = dirname(root);
  const packages = [join(root, 'node_modules'), ...(basename(beside) === 'node_modules' ? [beside] : [])];
  const present = [...own, ...packages].filter(existsSync);
  return { program, readable: [...new Set([...present, ...present.map((path) => realpathSync(path))])] };
}
