import type { WorkspaceCommand, WorkspaceExit } from '../../ports/build-workspaces.ts';
import type { Sandbox } from '../../ports/sandbox.ts';

/** Waits for a step to end, and ends it when it takes too long or nobody wants it any more. */
export async function finishStep(
  sandbox: Pick<Sandbox, 'stdout' | 'stderr' | 'exited' | 'kill'>,
  command: WorkspaceCommand,
): Promise<WorkspaceExit> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    sandbox.kill();
  }, command.timeoutMs);
  const stop = () => sandbox.kill();
  command.signal.addEventListener('abort', stop, { once: true });
  if (command.signal.aborted) stop();
  const reads = [sandbox.stdout, sandbox.stderr].map(async (stream) => {
    stream.setEncoding('utf8');
    for await (const text of stream) command.onOutput(text as string);
  });
  const exit = await sandbox.exited;
  await Promise.allSettled(reads);
  clearTimeout(timer);
  command.signal.removeEventListener('abort', stop);
  return late ? { ...exit, reason: 'timeout' } : exit;
}
