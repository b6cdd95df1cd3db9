import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import type { RuntimeProgram } from '../adapters/sandboxes/sandbox-options.ts';

/** The guest that runs programs, as its runtime: `guest` in the rows of `RUNTIMES`. */
export const SUPERVISOR = 'supervisor';

/** Flags of V8: its memory is nobody's who pays for it. With them it takes 26 MB after 1,500 calls instead of 32, and is as fast. */
export const SUPERVISOR_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--optimize-for-size'];

/**
 * The supervisor: shipped ready in the published package, bundled in a checkout when it is first asked for. Programs may need
 * anything of the machine's system, so their sandboxes see it. `home`: the folder of the running program, `src/` or `dist/`.
 */
export class SupervisorRuntime {
  readonly #data: DataFolder;
  readonly #home: string;
  #program: Promise<RuntimeProgram> | null = null;

  constructor(data: DataFolder, home: string) {
    this.#data = data;
    this.#home = home;
  }

  find(): Promise<RuntimeProgram> {
    this.#program ??= this.#make();
    return this.#program;
  }

  async #make(): Promise<RuntimeProgram> {
    const shipped = join(this.#home, 'guest', 'supervisor.cjs');
    const guestFile = existsSync(shipped) ? shipped : join(this.#data.folder('guest'), 'supervisor.cjs');
    if (guestFile !== shipped) {
      const { bundleSupervisor } = await import('../build/guest-bundle.ts');
      await bundleSupervisor(guestFile);
    }
    return {
      executable: process.execPath,
      arguments: SUPERVISOR_FLAGS,
      guestFile,
      guestParts: [],
      system: true,
    };
  }
}
