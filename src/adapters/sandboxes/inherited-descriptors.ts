import { readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2000000;

/**
 * Descriptors that the platform itself was started with and that its children would inherit (a shell's, a supervisor's
 * pipe): Node.js marks its own close-on-exec, but not those. Empty where there is no /proc.
 */
export function inheritedDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => fd > 2 && isInherited(fd));
  } catch {
    return [];
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}

/** A `stdio` list for spawn that starts with `wanted` and covers every inherited descriptor after it with `nullFd`. */
export function coverInherited<T>(
  wanted: readonly T[],
  inherited: readonly number[],
  nullFd: number,
): (T | number | 'ignore')[] {
  const stdio: (T | number | 'ignore')[] = [...wanted];
  for (const fd of inherited) {
    while (stdio.length <= fd) stdio.push('ignore');
    if (fd >= wanted.length) stdio[fd] = nullFd;
  }
  return stdio;
}
