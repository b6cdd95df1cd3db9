import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { OWNER_VARIABLE } from '../../contract/sandbox-owner.ts';
import { MayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import type {
  BuildWorkspaces,
  Workspace,
  WorkspaceCommand,
  WorkspaceExit,
} from '../../ports/build-workspaces.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import { readInitPid } from './bubblewrap.ts';
import { FD } from './bubblewrap-arguments.ts';
import { BubblewrapSandbox } from './bubblewrap-sandbox.ts';
import { openCgroups, WITHOUT_CGROUPS } from './cgroup-versions.ts';
import { HostUserIds } from './host-user-ids.ts';
import { coverInherited, inheritedDescriptors } from './inherited-descriptors.ts';
import { bubblewrapRefusal, lookAtMachine } from './machine.ts';
import { MemoryWatchdog } from './memory-watchdog.ts';
import { openRunFolder } from './run-folder.ts';
import { RunningSteps } from './running-step.ts';
import { INSIDE, INSIDE_UID } from './runtime-root.ts';
import { MB } from './sandbox-options.ts';
import { exitOf, spawned } from './sandbox-process.ts';
import { seccompFilterHere } from './seccomp-filter.ts';
import { WORKSPACE, workspaceArguments } from './workspace-arguments.ts';
import { workspaceEnvironment } from './workspace-environment.ts';
import { findNpm, WorkspaceFolder } from './workspace-folder.ts';
import { WORKSPACE_LIMITS, type WorkspaceLimits, type WorkspacePrograms } from './workspace-limits.ts';

const STEP_ID_BYTES = 6;
const TOP_FOLDERS = ['/bin', '/sbin', '/lib', '/lib64', '/lib32'];

/**
 * Opens workspaces whose programs run in bubblewrap sandboxes. `dir` is emptied.
 * @throws MayflyError SANDBOX_FAILED when this machine has no sandbox; a build then runs nowhere
 */
export async function openSandboxedWorkspaces(
  dir: string,
  programs: WorkspacePrograms,
  limits: Partial<WorkspaceLimits> = {},
): Promise<BuildWorkspaces> {
  const machine = lookAtMachine();
  const refusal = await bubblewrapRefusal(machine);
  if (refusal !== null) throw new MayflyError('SANDBOX_FAILED', `No sandbox on this machine: ${refusal}.`);
  const run = await openRunFolder(dir);
  const cgroups = openCgroups(`mayfly-${run.owner}`);
  await cgroups?.clean();
  const filter = seccompFilterHere();
  const seccompFile = `${run.path}/seccomp.bpf`;
  if (filter !== null) writeFileSync(seccompFile, filter);
  const all = { ...WORKSPACE_LIMITS, ...limits };
  return new SandboxedWorkspaces({
    run,
    machine,
    cgroups,
    seccompFile: filter === null ? null : seccompFile,
    programs,
    npm: await findNpm(),
    limits: all,
    uids: machine.root ? new HostUserIds(all.firstUid, all.uidCount) : null,
    dataDir: realpathSync(dirname(dir)),
    links: topLinks(),
    nullFd: openSync('/dev/null', 'r+'),
    inherited: inheritedDescriptors(),
    watchdog: new MemoryWatchdog(),
  });
}

function topLinks(): Record<string, string> {
  const links: Record<string, string> = {};
  for (const path of TOP_FOLDERS) {
    try {
      links[path] = readlinkSync(path);
    } catch {
      // A folder of its own, or not there.
    }
  }
  return links;
}

interface Parts {
  readonly run: Awaited<ReturnType<typeof openRunFolder>>;
  readonly machine: ReturnType<typeof lookAtMachine>;
  readonly cgroups: ReturnType<typeof openCgroups>;
  readonly seccompFile: string | null;
  readonly programs: WorkspacePrograms;
  readonly npm: Awaited<ReturnType<typeof findNpm>>;
  readonly limits: WorkspaceLimits;
  readonly uids: HostUserIds | null;
  readonly dataDir: string;
  readonly links: Readonly<Record<string, string>>;
  readonly nullFd: number;
  readonly inherited: readonly number[];
  readonly watchdog: MemoryWatchdog;
}

class SandboxedWorkspaces implements BuildWorkspaces {
  readonly #parts: Parts;
  readonly #open = new Set<SandboxedWorkspace>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async open(name: string): Promise<Workspace> {
    const folder = await WorkspaceFolder.make(this.#parts.run.path, name);
    await folder.addPrograms(WORKSPACE.node, this.#parts.npm?.program ?? null);
    const workspace = new SandboxedWorkspace(this.#parts, folder, name, () => this.#open.delete(workspace));
    await folder.nameUser(workspace.uid ?? INSIDE_UID, WORKSPACE.home);
    this.#open.add(workspace);
    return workspace;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((workspace) => workspace.close()));
    await this.#parts.cgroups?.close().catch(() => {});
    closeSync(this.#parts.nullFd);
  }
}

class SandboxedWorkspace implements Workspace {
  readonly source: string;
  readonly inside: Workspace['inside'];
  /** On the host; null: the platform's own. */
  readonly uid: number | null;
  readonly #parts: Parts;
  readonly #folder: WorkspaceFolder;
  readonly #name: string;
  readonly #steps = new RunningSteps();
  readonly #onClose: () => void;
  #owned = false;

  constructor(parts: Parts, folder: WorkspaceFolder, name: string, onClose: () => void) {
    this.#parts = parts;
    this.#folder = folder;
    this.#name = name;
    this.#onClose = onClose;
    this.uid = parts.uids?.take() ?? null;
    this.source = folder.source;
    this.inside = { source: `${WORKSPACE.source}/${name}`, result: `${WORKSPACE.out}/result` };
  }

  async run(command: WorkspaceCommand): Promise<WorkspaceExit> {
    if (!this.#owned && this.uid !== null) await this.#folder.own(this.uid);
    this.#owned = true;
    return await this.#steps.finish(await this.#start(command), command);
  }

  readResult(): Promise<AsyncIterable<Uint8Array>> {
    return this.#folder.readResult();
  }

  async close(): Promise<void> {
    if (!(await this.#steps.close())) return;
    await this.#folder.remove();
    if (this.uid !== null) this.#parts.uids?.give(this.uid);
    this.#onClose();
  }

  /** As a function's sandbox starts: nothing runs before the sandbox stands in its control group. */
  async #start(command: WorkspaceCommand): Promise<Sandbox> {
    const { run, cgroups, limits, watchdog } = this.#parts;
    const id = `step-${randomHex(STEP_ID_BYTES)}`;
    const folder = `${run.path}/${id}`;
    mkdirSync(folder);
    const bounds = { memoryBytes: limits.memoryMb * MB, pidsMax: limits.pidsMax };
    const cgroup = cgroups?.create(id, bounds) ?? null;
    const child = this.#spawn(command);
    try {
      await spawned(child);
      const initPid = await readInitPid(child);
      await cgroup?.add(initPid);
      cgroup?.shareCpu(limits.cpus);
      const pipes = child.stdio as readonly (Readable | Writable | null | undefined)[];
      (pipes[FD.block] as Writable).end('\n');
      return new BubblewrapSandbox({
        id,
        child,
        initPid,
        folder,
        codeParent: INSIDE.codeParent,
        cgroup,
        memoryControl: (cgroups?.controls ?? WITHOUT_CGROUPS).memory,
        watchdog,
        memoryMb: limits.memoryMb,
        release: () => {},
      });
    } catch (thrown) {
      const ended = exitOf(child);
      if (child.pid !== undefined && child.exitCode === null && child.kill('SIGKILL')) await ended;
      await cgroup?.remove().catch(() => {});
      throw thrown;
    }
  }

  #spawn(command: WorkspaceCommand) {
    const { machine, programs, limits, dataDir, links, run, nullFd, inherited, seccompFile, npm } =
      this.#parts;
    const args = workspaceArguments({
      words: command.words,
      environment: workspaceEnvironment(
        process.env,
        { bin: WORKSPACE.bin, home: WORKSPACE.home, tmp: '/tmp', path: '/usr/local/bin:/usr/bin:/bin' },
        command.environment,
      ),
      folder: this.#folder.path,
      name: this.#name,
      programs: { ...programs, readable: [...programs.readable, ...(npm === null ? [] : [npm.folder])] },
      uid: this.uid,
      setpriv: machine.setpriv,
      prlimit: machine.prlimit,
      seccomp: seccompFile !== null,
      dataDir,
      links,
      limits,
    });
    const seccompFd = seccompFile === null ? null : openSync(seccompFile, 'r');
    try {
      return spawn(machine.bwrap!, args, {
        stdio: coverInherited(
          ['ignore', 'pipe', 'pipe', 'ignore', 'pipe', 'pipe', seccompFd ?? 'ignore'],
          inherited,
          nullFd,
        ),
        env: { [OWNER_VARIABLE]: run.owner },
        detached: true,
      });
    } finally {
      if (seccompFd !== null) closeSync(seccompFd);
    }
  }
}
