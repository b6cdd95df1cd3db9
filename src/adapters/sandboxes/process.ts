import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { OWNER_VARIABLE } from '../../contract/sandbox-owner.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { Sandbox, SandboxDriver, SandboxGuarantees, SandboxSpec } from '../../ports/sandbox.ts';
import { coverInherited, inheritedDescriptors } from './inherited-descriptors.ts';
import { lookAtMachine } from './machine.ts';
import { MemoryWatchdog } from './memory-watchdog.ts';
import { OwnedProcess } from './owned-process.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';
import type { RuntimeProgram, SandboxOptions } from './sandbox-options.ts';
import { spawned } from './sandbox-process.ts';

/**
 * Opens the driver that runs every guest as a plain child process: no isolation at all, for development and for operators who
 * trust all of the code. Memory is bounded by a watchdog on Linux; CPU and the number of processes are not.
 */
export async function openProcesses(options: SandboxOptions): Promise<SandboxDriver> {
  return new ProcessDriver(options, await openRunFolder(options.runDir));
}

class ProcessDriver implements SandboxDriver {
  readonly name = 'process';
  readonly guarantees: SandboxGuarantees;
  readonly #options: SandboxOptions;
  readonly #run: RunFolder;
  readonly #setpriv: string | null;
  readonly #watchdog: MemoryWatchdog | null;
  readonly #sandboxes = new Set<Sandbox>();
  readonly #nullFd = openSync('/dev/null', 'r+');
  readonly #inherited = inheritedDescriptors();
  #closed = false;

  constructor(options: SandboxOptions, run: RunFolder) {
    const machine = lookAtMachine();
    this.#options = options;
    this.#run = run;
    this.#setpriv = machine.setpriv;
    this.#watchdog = machine.linux ? new MemoryWatchdog() : null;
    this.guarantees = {
      filesystem: false,
      processes: false,
      network: false,
      syscalls: false,
      memory: machine.linux ? 'watchdog' : 'none',
      cpu: 'none',
      pids: 'none',
      freeze: 'signal',
    };
  }

  async start(spec: SandboxSpec): Promise<Sandbox> {
    this.#refuseWhenClosed();
    const folder = `${this.#run.path}/${spec.id}`;
    const program = await this.#options.runtimes.find(spec.runtime);
    if (program === null)
      throw new MayflyError('SANDBOX_FAILED', `This node has no runtime "${spec.runtime}".`);
    if (program.image !== undefined)
      throw new MayflyError('SANDBOX_FAILED', 'Containers run in sandboxes only; this node makes none.');
    this.#refuseWhenClosed();
    mkdirSync(folder);
    const child = this.#spawn(program, folder);
    try {
      await spawned(child);
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true });
      throw thrown;
    }
    const sandbox = new OwnedProcess({
      id: spec.id,
      child,
      pid: child.pid!,
      folder,
      watchdog: this.#watchdog,
      memoryMb: spec.memoryMb,
      release: () => this.#sandboxes.delete(sandbox),
    });
    this.#sandboxes.add(sandbox);
    if (this.#closed) sandbox.kill();
    return sandbox;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const sandboxes = [...this.#sandboxes];
    for (const sandbox of sandboxes) sandbox.kill();
    await Promise.all(sandboxes.map((sandbox) => sandbox.exited));
    await rm(this.#run.path, { recursive: true, force: true });
    closeSync(this.#nullFd);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new MayflyError('SANDBOX_FAILED', 'The sandbox driver is closed.');
  }

  #spawn(program: RuntimeProgram, folder: string): ChildProcess {
    const command = [program.executable, ...program.arguments, program.guestFile];
    // The kernel kills the guest when the platform dies, however it dies. Without setpriv the guest sees its channel
    // close, and what does not look at it is found by its environment at the next start.
    if (this.#setpriv !== null) command.unshift(this.#setpriv, '--pdeathsig', 'KILL', '--');
    return spawn(command[0]!, command.slice(1), {
      stdio: coverInherited(['ignore', 'pipe', 'pipe', 'pipe'], this.#inherited, this.#nullFd),
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: folder,
        TMPDIR: folder,
        LANG: 'C.UTF-8',
        [OWNER_VARIABLE]: this.#run.owner,
      },
      // A group of its own, so that one signal reaches its children too, and Ctrl-C at the terminal does not.
      detached: true,
    });
  }
}
