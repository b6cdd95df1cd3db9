import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { OWNER_VARIABLE } from '../../contract/sandbox-owner.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { Sandbox, SandboxDriver, SandboxGuarantees, SandboxSpec } from '../../ports/sandbox.ts';
import { bubblewrapArguments, FD } from './bubblewrap-arguments.ts';
import { BubblewrapSandbox } from './bubblewrap-sandbox.ts';
import type { Cgroup, CgroupTree } from './cgroup.ts';
import { openCgroups, WITHOUT_CGROUPS } from './cgroup-versions.ts';
import { IN_CONTAINER, layOutContainerTools } from './container-tools.ts';
import { HostUserIds } from './host-user-ids.ts';
import { coverInherited, inheritedDescriptors } from './inherited-descriptors.ts';
import { bubblewrapRefusal, lookAtMachine, type Machine } from './machine.ts';
import { MemoryWatchdog } from './memory-watchdog.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';
import { INSIDE, layOutRuntimeRoot } from './runtime-root.ts';
import {
  DEFAULT_SANDBOX_LIMITS,
  MB,
  type RuntimeProgram,
  type SandboxLimits,
  type SandboxOptions,
} from './sandbox-options.ts';
import { exitOf, spawned } from './sandbox-process.ts';
import { seccompFilterHere } from './seccomp-filter.ts';

/**
 * Opens the driver that runs every guest in a bubblewrap sandbox.
 * @throws MayflyError SANDBOX_FAILED when this machine cannot; the message says why, `doctor` what to do.
 */
export async function openBubblewrap(options: SandboxOptions): Promise<SandboxDriver> {
  const machine = lookAtMachine();
  const refusal = await bubblewrapRefusal(machine);
  if (refusal !== null) throw new MayflyError('SANDBOX_FAILED', `No sandbox on this machine: ${refusal}.`);
  if (machine.root && machine.setpriv === null) {
    throw new MayflyError('SANDBOX_FAILED', 'No sandbox as root without setpriv (util-linux).');
  }
  const limits = { ...DEFAULT_SANDBOX_LIMITS, ...options.limits };
  const run = await openRunFolder(options.runDir);
  const cgroups = openCgroups(`mayfly-${run.owner}`);
  await cgroups?.clean();
  return new BubblewrapDriver(options, limits, machine, run, cgroups);
}

/** What all sandboxes of one runtime share. */
interface PreparedRoot {
  readonly program: RuntimeProgram;
  readonly path: string;
  readonly folders: readonly string[];
  readonly loader: readonly string[];
}

class BubblewrapDriver implements SandboxDriver {
  readonly name = 'sandbox';
  readonly guarantees: SandboxGuarantees;
  readonly #options: SandboxOptions;
  readonly #limits: SandboxLimits;
  readonly #machine: Machine;
  readonly #run: RunFolder;
  readonly #cgroups: CgroupTree | null;
  readonly #uids: HostUserIds | null;
  readonly #watchdog = new MemoryWatchdog();
  readonly #sandboxes = new Set<Sandbox>();
  readonly #roots = new Map<RuntimeProgram | string, Promise<PreparedRoot>>();
  #rootsMade = 0;
  readonly #starting = new Set<Promise<unknown>>();
  readonly #dataDir: string;
  readonly #seccompFile: string | null;
  readonly #nullFd = openSync('/dev/null', 'r+');
  readonly #inherited = inheritedDescriptors();
  #closed = false;

  constructor(
    options: SandboxOptions,
    limits: SandboxLimits,
    machine: Machine,
    run: RunFolder,
    cgroups: CgroupTree | null,
  ) {
    this.#options = options;
    this.#limits = limits;
    this.#machine = machine;
    this.#run = run;
    this.#cgroups = cgroups;
    this.#uids = machine.root ? new HostUserIds(limits.firstUid, limits.uidCount) : null;
    this.#dataDir = realpathSync(dirname(options.runDir));
    const filter = seccompFilterHere();
    this.#seccompFile = filter === null ? null : `${run.path}/seccomp.bpf`;
    if (filter !== null) writeFileSync(`${run.path}/seccomp.bpf`, filter);
    const controls = cgroups?.controls ?? WITHOUT_CGROUPS;
    this.guarantees = {
      filesystem: true,
      processes: true,
      network: true,
      syscalls: filter !== null,
      ...controls,
      pids: controls.pids === 'none' && machine.prlimit !== null ? 'rlimit' : controls.pids,
    };
  }

  async start(spec: SandboxSpec): Promise<Sandbox> {
    const started = this.#start(spec);
    this.#starting.add(started);
    try {
      return await started;
    } finally {
      this.#starting.delete(started);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#starting);
    const sandboxes = [...this.#sandboxes];
    for (const sandbox of sandboxes) sandbox.kill();
    await Promise.all(sandboxes.map((sandbox) => sandbox.exited));
    await this.#cgroups?.close().catch(() => {});
    await rm(this.#run.path, { recursive: true, force: true });
    closeSync(this.#nullFd);
  }

  async #start(spec: SandboxSpec): Promise<Sandbox> {
    if (this.#closed) throw new MayflyError('SANDBOX_FAILED', 'The sandbox driver is closed.');
    const uid = this.#uids?.take() ?? null;
    const folder = `${this.#run.path}/${spec.id}`;
    let cgroup: Cgroup | null = null;
    let child: ChildProcess | null = null;
    try {
      this.#cgroups?.announce();
      makeReadableFolder(folder);
      makeReadableFolder(`${folder}/code`);
      cgroup =
        this.#cgroups?.create(spec.id, {
          memoryBytes: spec.memoryMb * MB,
          pidsMax: this.#limits.pidsMax,
        }) ?? null;
      const root = await this.#rootOf(spec.runtime);
      child = this.#spawn(spec, root, folder, uid);
      await spawned(child);
      const initPid = await readInitPid(child);
      // The sandbox waits, set up and empty, until it stands in its group: no code ever runs outside of it.
      await cgroup?.add(initPid);
      (pipesOf(child)[FD.block] as Writable).end('\n');
      const sandbox = new BubblewrapSandbox({
        id: spec.id,
        child,
        initPid,
        folder,
        codeParent: root.program.image === undefined ? INSIDE.codeParent : IN_CONTAINER.codeParent,
        cgroup,
        memoryControl: this.guarantees.memory,
        watchdog: this.#watchdog,
        memoryMb: spec.memoryMb,
        release: () => {
          this.#sandboxes.delete(sandbox);
          if (uid !== null) this.#uids?.give(uid);
        },
      });
      this.#sandboxes.add(sandbox);
      return sandbox;
    } catch (thrown) {
      await undo(child, cgroup, folder);
      if (uid !== null) this.#uids?.give(uid);
      if (thrown instanceof MayflyError) throw thrown;
      throw new MayflyError('SANDBOX_FAILED', `The sandbox could not be started: ${thrown}`, {
        cause: thrown,
      });
    }
  }

  /** Prepared once a program; what failed is tried again by the next. */
  async #rootOf(runtime: string): Promise<PreparedRoot> {
    const program = await this.#options.runtimes.find(runtime);
    if (program === null) throw new MayflyError('SANDBOX_FAILED', `This node has no runtime "${runtime}".`);
    // What is added to an image is the same for all.
    const key = program.image === undefined ? program : program.guestFile;
    const known = this.#roots.get(key);
    if (known !== undefined) return { ...(await known), program };
    this.#rootsMade += 1;
    const prepared = this.#prepareRoot(program, `${this.#run.path}/roots/${this.#rootsMade}`);
    this.#roots.set(key, prepared);
    prepared.catch(() => this.#roots.delete(key));
    return prepared;
  }

  /** In a folder of its own: sandboxes may still live in what was prepared for the runtime's last program. */
  async #prepareRoot(program: RuntimeProgram, path: string): Promise<PreparedRoot> {
    if (program.image !== undefined) {
      const loader = await layOutContainerTools(path, program, this.#machine);
      return { program, path, folders: [], loader };
    }
    const folders = await layOutRuntimeRoot(path, program, this.#machine, this.#limits);
    return { program, path, folders, loader: [] };
  }

  #spawn(spec: SandboxSpec, root: PreparedRoot, folder: string, uid: number | null): ChildProcess {
    const args = bubblewrapArguments({
      program: root.program,
      network: spec.network,
      root: root.path,
      folders: root.folders,
      dataDir: this.#dataDir,
      loader: root.loader,
      codeParent: `${folder}/code`,
      uid,
      seccomp: this.#seccompFile !== null,
      prlimit: this.#machine.prlimit !== null,
      limitProcesses: this.guarantees.pids === 'rlimit',
      limits: this.#limits,
    });
    const seccompFd = this.#seccompFile === null ? null : openSync(this.#seccompFile, 'r');
    try {
      return spawn(this.#machine.bwrap!, args, {
        // bwrap reads 4 to 6 and closes them; the guest is left with 0 to 3.
        stdio: coverInherited(
          ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', seccompFd ?? 'ignore'],
          this.#inherited,
          this.#nullFd,
        ),
        env: { [OWNER_VARIABLE]: this.#run.owner },
        // A group of its own: Ctrl-C at the platform's terminal must not end calls that are being drained.
        detached: true,
      });
    } finally {
      if (seccompFd !== null) closeSync(seccompFd);
    }
  }
}

const pipesOf = (child: ChildProcess) => child.stdio as readonly (Readable | Writable | null | undefined)[];

function makeReadableFolder(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
}

/** The pid that bwrap reports as JSON once its namespaces exist. @throws MayflyError SANDBOX_FAILED */
export async function readInitPid(child: ChildProcess): Promise<number> {
  let info = '';
  for await (const chunk of pipesOf(child)[FD.info] as Readable) {
    info += chunk;
    const match = /"child-pid": (\d+)/.exec(info);
    if (match !== null && info.includes('}')) return Number(match[1]);
  }
  let words = '';
  for await (const chunk of child.stderr!) words += chunk;
  throw new MayflyError('SANDBOX_FAILED', `bubblewrap could not build the sandbox: ${words.trim()}`);
}

async function undo(child: ChildProcess | null, cgroup: Cgroup | null, folder: string): Promise<void> {
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = exitOf(child);
    child.kill('SIGKILL');
    await ended;
  }
  await cgroup?.remove().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
}
