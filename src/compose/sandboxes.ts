import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { openBubblewrap } from '../adapters/sandboxes/bubblewrap.ts';
import { openProcesses } from '../adapters/sandboxes/process.ts';
import type { SandboxOptions } from '../adapters/sandboxes/sandbox-options.ts';
import type { Config } from '../config.ts';
import type { SandboxDriver } from '../ports/sandbox.ts';

/** How guests are isolated here, by the node's setting. `home`: the folder of the running program, `src/` or `dist/`. */
export async function openDriver(config: Config, data: DataFolder, home: string): Promise<SandboxDriver> {
  const { partsOf } = await import('../build/guest-code-cache.ts');
  const guestFile = await findGuest(data, home);
  const nodejs24 = { executable: process.execPath, arguments: [], guestFile, guestParts: partsOf(guestFile) };
  const options: SandboxOptions = {
    runDir: data.folder('run'),
    runtimes: { find: async (name) => (name === 'nodejs24' ? nodejs24 : null) },
  };
  return config.isolation === 'sandbox' ? openBubblewrap(options) : openProcesses(options);
}

/** The guest: shipped ready in the published package, bundled at the start of a checkout. */
async function findGuest(data: DataFolder, home: string): Promise<string> {
  const shipped = join(home, 'guest', 'node.cjs');
  if (existsSync(shipped)) {
    const { guestWithCodeCache } = await import('../build/guest-code-cache.ts');
    return guestWithCodeCache(shipped, data.folder('guest'));
  }
  const { bundleGuest } = await import('../build/guest-bundle.ts');
  const bundled = join(data.folder('guest'), 'node.cjs');
  await bundleGuest(bundled);
  return bundled;
}
