import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { Duplex, Readable } from 'node:stream';
import { MayflyError } from '../../domain/errors.ts';
import type { CodeTree, Sandbox, SandboxBounds, SandboxExit } from '../../ports/sandbox.ts';
import { type MemoryWatchdog, usedBytes, type Watched } from './memory-watchdog.ts';
import { processTree, signal } from './process-tree.ts';
import { MB } from './sandbox-options.ts';
import { exitOf, explainExit, streamsOf } from './sandbox-process.ts';

export interface ProcessParts {
  readonly id: string;
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its home and temporary folder. */
  readonly folder: string;
  /** Null where memory cannot be watched. */
  readonly watchdog: MemoryWatchdog | null;
  readonly memoryMb: number;
  readonly release: () => void;
}

/** A guest as a plain child process that leads a process group. */
export class OwnedProcess implements Sandbox {
  readonly id: string;
  readonly pid: number;
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<SandboxExit>;
  readonly #parts: ProcessParts;
  readonly #watched: Watched;
  #hasCode = false;
  #frozen = false;
  #killed = false;
  #outOfMemory = false;
  #gone = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.pid = parts.pid;
    ({ channel: this.channel, stdout: this.stdout, stderr: this.stderr } = streamsOf(parts.child));
    this.#watched = {
      pid: parts.pid,
      limitBytes: parts.memoryMb * MB,
      paused: false,
      peakBytes: 0,
      onExceeded: () => {
        this.#outOfMemory = true;
        this.#killAll();
      },
    };
    parts.watchdog?.watch(this.#watched);
    this.exited = this.#untilGone();
  }

  constrain({ memoryMb, guestMb = 0 }: SandboxBounds): void {
    this.#watched.limitBytes = (memoryMb + guestMb) * MB;
  }

  async giveCode(tree: CodeTree): Promise<string> {
    if (this.#hasCode) throw new MayflyError('INTERNAL', `Sandbox ${this.id} already holds code.`);
    if (this.#gone) throw new MayflyError('INTERNAL', `Sandbox ${this.id} has gone.`);
    this.#hasCode = true;
    return tree.path;
  }

  freeze(): void {
    if (this.#gone || this.#frozen) return;
    this.#frozen = true;
    this.#watched.paused = true;
    // One system call. A child that left the group runs on: finding it would mean reading all of /proc (8 ms with 200
    // processes) at every freeze, and this driver promises no isolation.
    signal(-this.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.#gone || !this.#frozen) return;
    this.#frozen = false;
    this.#watched.paused = false;
    signal(-this.pid, 'SIGCONT');
  }

  memory(): { readonly usedMb: number; readonly peakMb: number } {
    if (this.#gone || this.#parts.watchdog === null) return { usedMb: 0, peakMb: 0 };
    const used = usedBytes(this.pid);
    this.#watched.peakBytes = Math.max(this.#watched.peakBytes, used);
    return { usedMb: used / MB, peakMb: this.#watched.peakBytes / MB };
  }

  kill(): void {
    if (this.#gone || this.#killed) return;
    this.#killed = true;
    this.#killAll();
  }

  /** Descendants that left the group, and then the group with what was forked meanwhile. */
  #killAll(): void {
    const tree = processTree(this.pid);
    signal(-this.pid, 'SIGKILL');
    for (const pid of tree) signal(pid, 'SIGKILL');
  }

  async #untilGone(): Promise<SandboxExit> {
    const ended = await exitOf(this.#parts.child);
    // The guest may have ended by itself and left children in its group.
    signal(-this.pid, 'SIGKILL');
    this.#gone = true;
    this.#parts.watchdog?.unwatch(this.#watched);
    await rm(this.#parts.folder, { recursive: true, force: true }).catch(() => {});
    this.#parts.release();
    return explainExit(ended, { killed: this.#killed, outOfMemory: this.#outOfMemory });
  }
}
