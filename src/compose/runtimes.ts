import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import {
  type FolderRuntimeStore,
  openRuntimes,
  type RuntimeBinary,
} from '../adapters/runtimes/folder-runtime-store.ts';
import type { RuntimeProgram, RuntimeSource } from '../adapters/sandboxes/sandbox-options.ts';
import { DEFAULT_RUNTIME } from '../contract/runtimes.ts';
import type { Clock } from '../ports/clock.ts';
import { SUPERVISOR, SupervisorRuntime } from './supervisor-runtime.ts';

/** The runtimes of a data folder; the platform's own is the default one. */
export function openRuntimeStore(data: DataFolder, clock: Clock): Promise<FolderRuntimeStore> {
  const own = {
    name: DEFAULT_RUNTIME,
    version: process.versions.node,
    executable: process.execPath,
  };
  return openRuntimes({ folder: data.folder('runtimes'), own, wall: clock.wall });
}

/**
 * What guests of each runtime are started with; a runtime that is missing is fetched. `home`: the folder of the running program,
 * `src/` or `dist/`.
 */
export async function runtimeSource(
  store: FolderRuntimeStore,
  data: DataFolder,
  home: string,
): Promise<RuntimeSource> {
  const guest = await guestFiles(data, home);
  /** By binary: the same program again while it is the same. */
  const programs = new Map<string, Promise<RuntimeProgram>>();
  const supervisor = new SupervisorRuntime(data, home);
  const find = async (name: string): Promise<RuntimeProgram | null> => {
    if (name === SUPERVISOR) return supervisor.find();
    await store.ensure(name);
    const binary = store.find(name);
    if (binary === null) return null;
    const known = programs.get(binary.executable);
    if (known !== undefined) return known;
    const program = programOf(binary, guest);
    programs.set(binary.executable, program);
    program.catch(() => programs.delete(binary.executable));
    return program;
  };
  // What runs on it is wanted from the first moment on.
  await find(DEFAULT_RUNTIME);
  return { find };
}

/** Gives a guest's file and what lies beside it, for a runtime. */
type GuestFiles = (runtime: RuntimeBinary) => Promise<Pick<RuntimeProgram, 'guestFile' | 'guestParts'>>;

async function programOf(binary: RuntimeBinary, guest: GuestFiles): Promise<RuntimeProgram> {
  return { executable: binary.executable, arguments: [], ...(await guest(binary)) };
}

/** The guest: shipped ready in the published package, bundled at the start of a checkout. */
async function guestFiles(data: DataFolder, home: string): Promise<GuestFiles> {
  const { guestWithCodeCache, partsOf } = await import('../build/guest-code-cache.ts');
  const shipped = join(home, 'guest', 'node.cjs');
  if (existsSync(shipped)) {
    return async (runtime) => {
      const folder = data.folder(join('guest', runtime.version));
      const guestFile = await guestWithCodeCache(shipped, folder, runtime);
      return { guestFile, guestParts: partsOf(guestFile, runtime) };
    };
  }
  const { bundleGuest } = await import('../build/guest-bundle.ts');
  const guestFile = join(data.folder('guest'), 'node.cjs');
  await bundleGuest(guestFile);
  return async (runtime) => ({ guestFile, guestParts: partsOf(guestFile, runtime) });
}
