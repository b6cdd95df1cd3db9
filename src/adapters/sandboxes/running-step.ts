import type { WorkspaceCommand, WorkspaceExit } from '../../ports/build-workspaces.ts';
import type { Sandbox } from '../../ports/sandbox.ts';

type Step = Pick<Sandbox, 'stdout' | 'stderr' | 'exited' | 'kill'>;

/** The steps that run in one workspace, which all end with it. */
export class RunningSteps {
  readonly #running = new Set<Step>();
  #closed = false;

  /** Sees a step that was started to its end. */
  async finish(step: Step, command: WorkspaceCommand): Promise<WorkspaceExit> {
    this.#running.add(step);
    if (this.#closed) step.kill();
    try {
      return await finishStep(step, command);
    } finally {
      this.#running.delete(step);
    }
  }

  /** Ends all steps, those to come included. False: that was done before. */
  async close(): Promise<boolean> {
    if (this.#closed) return false;
    this.#closed = true;
    const running = [...this.#running];
    for (const step of running) step.kill();
    await Promise.all(running.map((step) => step.exited));
    return true;
  }
}

/** Waits for a step to end, and ends it when it takes too long or nobody wants it any more. */
async function finishStep(sandbox: Step, command: WorkspaceCommand): Promise<WorkspaceExit> {
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
