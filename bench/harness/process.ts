import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Ticks of CPU time a second, in /proc (USER_HZ; 100 on every Linux that Node.js runs on). */
const TICKS_PER_SECOND = 100;
const END_TIMEOUT_MS = 10_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A child process that does not outlive this one. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The first line on its standard output that `accept` turns into something. @throws Error when it ends before */
export async function firstLine<T>(
  child: ChildProcess,
  what: string,
  accept: (line: string) => T | null,
): Promise<T> {
  const lines = createInterface({ input: child.stdout! });
  try {
    for await (const line of lines) {
      const found = accept(line);
      if (found !== null) return found;
    }
  } finally {
    lines.close();
    // What it prints later is of no interest, but must not fill the pipe.
    child.stdout!.resume();
  }
  throw new Error(`${what} ended (exit ${child.exitCode ?? child.signalCode}) before it was ready.`);
}

/** SIGTERM, and SIGKILL when that is not obeyed. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

/** Ends every child that still runs. */
export async function endAll(): Promise<void> {
  await Promise.all([...running].map(end));
}

/** Memory and CPU time of one process, without its children. Linux only: NaN elsewhere. */
export function usageOf(pid: number): { readonly rssMb: number; readonly cpuMs: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the name, which may hold spaces and parentheses: utime and stime are 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      rssMb: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024,
      cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND,
    };
  } catch {
    return { rssMb: Number.NaN, cpuMs: Number.NaN };
  }
}
