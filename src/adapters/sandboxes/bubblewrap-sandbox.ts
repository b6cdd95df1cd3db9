import type { ChildProcess } from 'node:child_process';
import { renameSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Duplex, Readable } from 'node:stream';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import type {
  CodeTree,
  Sandbox,
  SandboxBounds,
  SandboxExit,
  SandboxGuarantees,
} from '../../ports/sandbox.ts';
import type { Cgroup } from './cgroup.ts';
import { type MemoryWatchdog, usedBytes, type Watched } from './memory-watchdog.ts';
import { killUntilGone, processTree, signal, signalAll } from './process-tree.ts';
import { cpusFor, MB } from './sandbox-options.ts';
import { exitOf, explainExit, streamsOf } from './sandbox-process.ts';

/** What the driver has prepared by the time that a sandbox exists. */
export interface SandboxParts {
  readonly id: string;
  /** bwrap itself, outside. */
  readonly child: ChildProcess;
  /** First process inside the pid namespace, by its host id: when it dies, the kernel kills all the others. */
  readonly initPid: number;
  /** Host folder of the instance; its `code/` is bound where the code will appear. */
  readonly folder: string;
  /** Where the code's folder appears inside. */
  readonly codeParent: string;
  readonly cgroup: Cgroup | null;
  readonly memoryControl: SandboxGuarantees['memory'];
  readonly watchdog: MemoryWatchdog;
  readonly memoryMb: number;
  /** Called when everything is gone, before `exited` settles. */
  readonly release: () => void;
}

/** A running bubblewrap sandbox. `waiting (empty) → giveCode → occupied`, either may be frozen; then gone, once. */
export class BubblewrapSandbox implements Sandbox {
  readonly id: string;
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<SandboxExit>;
  readonly #parts: SandboxParts;
  readonly #watched: Watched | null;
  #tree: CodeTree | null = null;
  #frozen = false;
  #killed = false;
  #outOfMemory = false;
  #gone = false;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.id = parts.id;
    ({ channel: this.channel, stdout: this.stdout, stderr: this.stderr } = streamsOf(parts.child));
    this.#watched = parts.memoryControl === 'watchdog' ? this.#watchMemory() : null;
    this.exited = this.#untilGone();
  }

  get pid(): number {
    return processTree(this.#parts.initPid)[1] ?? this.#parts.initPid;
  }

  constrain({ memoryMb, guestMb = 0, cpuMillis }: SandboxBounds): void {
    if (this.#gone) return;
    const bytes = (memoryMb + guestMb) * MB;
    if (this.#watched !== null) this.#watched.limitBytes = bytes;
    this.#ignoringDeath(() => {
      this.#parts.cgroup?.shareCpu(cpuMillis === undefined ? cpusFor(memoryMb) : cpuMillis / 1_000);
      this.#limitMemory(bytes);
    });
  }

  async giveCode(tree: CodeTree): Promise<string> {
    if (this.#tree !== null) throw new MayflyError('INTERNAL', `Sandbox ${this.id} already holds code.`);
    if (this.#gone) throw new MayflyError('INTERNAL', `Sandbox ${this.id} has gone.`);
    try {
      // One system call of some 20 µs whatever the size of the tree; handing it to the thread pool would cost more.
      renameSync(tree.path, this.#codeFolder);
    } catch (thrown) {
      throw toMayflyError(thrown);
    }
    this.#tree = tree;
    return `${this.#parts.codeParent}/task`;
  }

  freeze(): void {
    if (this.#gone || this.#frozen) return;
    this.#frozen = true;
    if (this.#watched !== null) this.#watched.paused = true;
    const { cgroup } = this.#parts;
    this.#ignoringDeath(() => {
      if (cgroup?.freezer) cgroup.freezer.freeze();
      else signalAll(() => this.#members(), 'SIGSTOP');
    });
  }

  thaw(): void {
    if (this.#gone || !this.#frozen) return;
    this.#frozen = false;
    if (this.#watched !== null) this.#watched.paused = false;
    const { cgroup } = this.#parts;
    this.#ignoringDeath(() => {
      if (cgroup?.freezer) cgroup.freezer.thaw();
      else signalAll(() => this.#members(), 'SIGCONT');
    });
  }

  memory(): { readonly usedMb: number; readonly peakMb: number } {
    if (this.#gone) return { usedMb: 0, peakMb: 0 };
    let used = 0;
    let peak = 0;
    if (this.#watched !== null) {
      used = usedBytes(this.#parts.initPid);
      peak = this.#watched.peakBytes = Math.max(this.#watched.peakBytes, used);
    } else {
      this.#ignoringDeath(() => {
        ({ used, peak } = this.#parts.cgroup!.memory());
      });
    }
    return { usedMb: used / MB, peakMb: peak / MB };
  }

  kill(): void {
    if (this.#gone || this.#killed) return;
    this.#killed = true;
    this.#end();
  }

  #limitMemory(bytes: number): void {
    try {
      this.#parts.cgroup?.limitMemory(bytes);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EBUSY') throw thrown;
      // v1 refuses a bound below what is in use; v2 would have killed. Do the same.
      this.#endForMemory();
    }
  }

  #endForMemory(): void {
    this.#outOfMemory = true;
    this.#end();
  }

  get #codeFolder(): string {
    return `${this.#parts.folder}/code/task`;
  }

  /** Kills the first process inside, and with it all, frozen or not. */
  #end(): void {
    signal(this.#parts.initPid, 'SIGKILL');
  }

  #members(): number[] {
    return this.#parts.cgroup?.pids() ?? processTree(this.#parts.initPid);
  }

  #watchMemory(): Watched {
    const watched: Watched = {
      pid: this.#parts.initPid,
      limitBytes: this.#parts.memoryMb * MB,
      paused: false,
      peakBytes: 0,
      onExceeded: () => this.#endForMemory(),
    };
    this.#parts.watchdog.watch(watched);
    return watched;
  }

  async #untilGone(): Promise<SandboxExit> {
    const ended = await exitOf(this.#parts.child);
    this.#gone = true;
    if (this.#watched !== null) this.#parts.watchdog.unwatch(this.#watched);
    const { cgroup } = this.#parts;
    if (cgroup !== null) {
      this.#ignoringDeath(() => {
        this.#outOfMemory ||= cgroup.memoryKills() > 0;
      });
    }
    await this.#leave().catch(() => {});
    this.#parts.release();
    return explainExit(ended, { killed: this.#killed, outOfMemory: this.#outOfMemory });
  }

  /** Removes all traces; what fails is left for the next start of the platform to clean. */
  async #leave(): Promise<void> {
    const { cgroup, folder } = this.#parts;
    if (cgroup !== null) {
      await killUntilGone(() => cgroup.pids());
      await cgroup.remove();
    }
    if (this.#tree !== null) await rename(this.#codeFolder, this.#tree.path);
    await rm(folder, { recursive: true, force: true });
  }

  /** The files of a group vanish with its processes, which may be at any moment: `exited` tells, not this. */
  #ignoringDeath(act: () => void): void {
    try {
      act();
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENODEV') throw thrown;
    }
  }
}
