import { spawn } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { OWNER_VARIABLE } from '../../contract/sandbox-owner.ts';
import { randomHex } from '../../kit/ids.ts';
import type {
  BuildWorkspaces,
  Workspace,
  WorkspaceCommand,
  WorkspaceExit,
} from '../../ports/build-workspaces.ts';
import { lookAtMachine } from './machine.ts';
import { MemoryWatchdog } from './memory-watchdog.ts';
import { OwnedProcess } from './owned-process.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';
import { RunningSteps } from './running-step.ts';
import { spawned } from './sandbox-process.ts';
import { workspaceEnvironment } from './workspace-environment.ts';
import { findNpm, WorkspaceFolder } from './workspace-folder.ts';
import { WORKSPACE_LIMITS, type WorkspaceLimits, type WorkspacePrograms } from './workspace-limits.ts';

const STEP_ID_BYTES = 6;

/**
 * Opens workspaces whose programs run as plain children of the platform, with its rights: only where the operator said that functions
 * do too. Their environment is as bare as a sandbox's. `dir` is emptied.
 */
export async function openPlainWorkspaces(
  dir: string,
  programs: WorkspacePrograms,
  limits: Partial<WorkspaceLimits> = {},
): Promise<BuildWorkspaces> {
  const run = await openRunFolder(dir);
  return new PlainWorkspaces(run, programs, (await findNpm())?.program ?? null, {
    ...WORKSPACE_LIMITS,
    ...limits,
  });
}

class PlainWorkspaces implements BuildWorkspaces {
  readonly #run: RunFolder;
  readonly #programs: WorkspacePrograms;
  readonly #npm: string | null;
  readonly #limits: WorkspaceLimits;
  readonly #watchdog = lookAtMachine().linux ? new MemoryWatchdog() : null;
  readonly #open = new Set<Workspace>();

  constructor(run: RunFolder, programs: WorkspacePrograms, npm: string | null, limits: WorkspaceLimits) {
    this.#run = run;
    this.#programs = programs;
    this.#npm = npm;
    this.#limits = limits;
  }

  async open(name: string): Promise<Workspace> {
    const folder = await WorkspaceFolder.make(this.#run.path, name);
    await folder.addPrograms(realpathSync(this.#programs.node), this.#npm);
    const workspace = new PlainWorkspace({
      folder,
      run: this.#run,
      watchdog: this.#watchdog,
      memoryMb: this.#limits.memoryMb,
      onClose: () => this.#open.delete(workspace),
    });
    this.#open.add(workspace);
    return workspace;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((workspace) => workspace.close()));
  }
}

interface PlainParts {
  readonly folder: WorkspaceFolder;
  readonly run: RunFolder;
  readonly watchdog: MemoryWatchdog | null;
  readonly memoryMb: number;
  readonly onClose: () => void;
}

class PlainWorkspace implements Workspace {
  readonly source: string;
  readonly inside: Workspace['inside'];
  readonly #parts: PlainParts;
  readonly #setpriv = lookAtMachine().setpriv;
  readonly #steps = new RunningSteps();

  constructor(parts: PlainParts) {
    this.#parts = parts;
    this.source = parts.folder.source;
    this.inside = { source: this.source, result: join(parts.folder.path, 'out', 'result') };
  }

  async run(command: WorkspaceCommand): Promise<WorkspaceExit> {
    const { path } = this.#parts.folder;
    const id = `step-${randomHex(STEP_ID_BYTES)}`;
    const folder = join(path, id);
    mkdirSync(folder);
    const launcher = this.#setpriv === null ? [] : [this.#setpriv, '--pdeathsig', 'KILL', '--'];
    const [program = '', ...words] = [...launcher, ...command.words];
    const places = {
      bin: join(path, 'bin'),
      home: join(path, 'home'),
      tmp: join(path, 'tmp'),
      path: process.env.PATH ?? '/usr/bin:/bin',
    };
    const env = workspaceEnvironment(process.env, places, command.environment);
    const child = spawn(program, words, {
      cwd: this.source,
      stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
      env: { ...env, [OWNER_VARIABLE]: this.#parts.run.owner },
      detached: true,
    });
    await spawned(child);
    const { watchdog, memoryMb } = this.#parts;
    const release = () => {};
    const sandbox = new OwnedProcess({ id, child, pid: child.pid!, folder, watchdog, memoryMb, release });
    return await this.#steps.finish(sandbox, command);
  }

  readResult(): Promise<AsyncIterable<Uint8Array>> {
    return this.#parts.folder.readResult();
  }

  async close(): Promise<void> {
    if (!(await this.#steps.close())) return;
    await this.#parts.folder.remove();
    this.#parts.onClose();
  }
}
