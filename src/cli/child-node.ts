import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Problem } from '../contract/control-api.ts';
import { MayflyError } from '../domain/errors.ts';
import type { UpAnswer } from './commands/up.ts';
import { errorOfProblem } from './errors.ts';
import { nodeFlagWords } from './node-flags.ts';
import type { NodeFlags } from './node-host.ts';
import type { Shell } from './shell.ts';

/** Time for a child node to drain before it is killed, ms. It serves one author, so nobody waits for long calls. */
const STOP_TIMEOUT_MS = 5_000;

export interface ChildNode extends UpAnswer {
  /** Settles when the process has gone; never rejects. */
  readonly exited: Promise<void>;
  /** Drains it, kills it when that takes too long. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts `mayfly up` as a child and waits until it is ready. The child has its own process group, so that Ctrl-C reaches only us
 * and we end things in order; and it ends when our end of its stdin closes, so that it cannot outlive us.
 * @throws MayflyError what the child failed with; Interrupted
 */
export async function startChildNode(shell: Shell, flags: NodeFlags): Promise<ChildNode> {
  const words = ['up', '--json', '--stop-with-stdin', ...nodeFlagWords(flags, shell.host.settings)];
  const child = spawn(process.execPath, [...process.execArgv, shell.host.mainFile, ...words], {
    cwd: shell.cwd,
    env: shell.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // Writing is never done; the pipe breaking when the child dies is no news.
  child.stdin!.on('error', () => {});
  const exited = once(child, 'close').then(
    () => {},
    () => {},
  );
  const stop = () => stopChild(child, exited);
  const abort = () => void stop();
  shell.signal.addEventListener('abort', abort, { once: true });
  try {
    const answer = await readyAnswer(shell, child);
    return { ...answer, exited, stop };
  } catch (error) {
    await stop();
    throw shell.signal.aborted ? shell.signal.reason : error;
  } finally {
    shell.signal.removeEventListener('abort', abort);
  }
}

async function readyAnswer(shell: Shell, child: ChildProcess): Promise<UpAnswer> {
  let failure: MayflyError | null = null;
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const problem = problemIn(line);
    if (problem !== null) failure = errorOfProblem(problem.status, problem);
    else shell.stderr.write(`${line}\n`);
  });
  const { promise, resolve, reject } = Promise.withResolvers<UpAnswer>();
  createInterface({ input: child.stdout! }).on('line', (line) => resolve(JSON.parse(line) as UpAnswer));
  child.once('error', (cause) =>
    reject(new MayflyError('INTERNAL', `The node could not be started: ${cause.message}`, { cause })),
  );
  child.once('close', (code, signal) =>
    reject(
      failure ?? new MayflyError('INTERNAL', `The node ended while starting (${signal ?? `exit ${code}`}).`),
    ),
  );
  return promise;
}

function problemIn(line: string): Problem | null {
  if (!line.startsWith('{')) return null;
  try {
    const value = JSON.parse(line) as Partial<Problem>;
    return typeof value.type === 'string' && value.type.startsWith('urn:mayfly:error:')
      ? (value as Problem)
      : null;
  } catch {
    return null;
  }
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
