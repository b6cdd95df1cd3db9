import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The programs that sandboxes are made with, and who we are. */
export interface Machine {
  readonly linux: boolean;
  readonly root: boolean;
  /** Paths, or null where the program is not installed. */
  readonly bwrap: string | null;
  readonly setpriv: string | null;
  readonly nsenter: string | null;
  readonly prlimit: string | null;
}

export function lookAtMachine(): Machine {
  const linux = process.platform === 'linux';
  return {
    linux,
    root: process.getuid?.() === 0,
    bwrap: linux ? findProgram('bwrap') : null,
    setpriv: linux ? findProgram('setpriv') : null,
    nsenter: linux ? findProgram('nsenter') : null,
    prlimit: linux ? findProgram('prlimit') : null,
  };
}

export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    if (folder === '') continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Whether bubblewrap may make namespaces here: null when it may, else what it says. */
export async function bubblewrapRefusal(machine: Machine): Promise<string | null> {
  if (machine.bwrap === null) return 'bubblewrap (bwrap) is not installed';
  const user = machine.root ? [] : ['--unshare-user'];
  const namespaces = ['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'];
  const root = ['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'];
  try {
    await run(machine.bwrap, [...user, ...namespaces, ...root, '--', 'true']);
    return null;
  } catch (thrown) {
    const { stderr, message } = thrown as Error & { stderr?: string };
    return (stderr?.trim() || message).split('\n')[0]!;
  }
}
