import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { openBubblewrap } from '../adapters/sandboxes/bubblewrap.ts';
import { openProcesses } from '../adapters/sandboxes/process.ts';
import type { RuntimeSource, SandboxOptions } from '../adapters/sandboxes/sandbox-options.ts';
import type { Config } from '../config.ts';
import type { SandboxDriver } from '../ports/sandbox.ts';

/** How guests are isolated here, by the node's setting. */
export async function openDriver(
  config: Config,
  data: DataFolder,
  runtimes: RuntimeSource,
): Promise<SandboxDriver> {
  const options: SandboxOptions = { runDir: data.folder('run'), runtimes };
  return config.isolation === 'sandbox' ? openBubblewrap(options) : openProcesses(options);
}
