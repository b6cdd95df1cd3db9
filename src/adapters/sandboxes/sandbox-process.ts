import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { MayflyError } from '../../domain/errors.ts';
import type { SandboxExit } from '../../ports/sandbox.ts';

/** A child that dies with data on the way makes its pipes fail; its exit tells, nobody needs it twice. */
function ignorePipeErrors(child: ChildProcess): void {
  for (const pipe of child.stdio) pipe?.on('error', () => {});
}

/** The streams of a child that was spawned with pipes for 1, 2 and 3. */
export function streamsOf(child: ChildProcess): { channel: Duplex; stdout: Readable; stderr: Readable } {
  return { channel: child.stdio[3] as Duplex, stdout: child.stdout!, stderr: child.stderr! };
}

/** Settles when the child's process has gone. */
export function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** The first of a number's names is the usual one (SIGABRT before SIGIOT): reversed, it is the one that stays. */
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

/**
 * Why a sandbox ended. A launcher reports its program's death by signal N as exit code 128 + N, as shells do; a
 * program that itself exits with such a code is taken for killed.
 */
export function explainExit(
  ended: { readonly code: number | null; readonly signal: string | null },
  known: { readonly killed: boolean; readonly outOfMemory: boolean },
): SandboxExit {
  const signal = ended.signal ?? SIGNAL_NAMES.get((ended.code ?? 0) - 128) ?? null;
  const code = signal === null ? ended.code : null;
  if (known.killed) return { reason: 'killed', code, signal };
  if (known.outOfMemory && signal === 'SIGKILL') return { reason: 'memory', code, signal };
  return { reason: signal === null ? 'exit' : 'signal', code, signal };
}

/** Waits until spawn has succeeded. @throws MayflyError SANDBOX_FAILED */
export function spawned(child: ChildProcess): Promise<void> {
  ignorePipeErrors(child);
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new MayflyError('SANDBOX_FAILED', `The sandbox could not be started: ${cause.message}`, { cause }),
      ),
    );
  });
}
