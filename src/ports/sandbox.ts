import type { Duplex, Readable } from 'node:stream';

/**
 * Starts and holds sandboxes: operating-system processes that run one runtime's guest and can reach nothing that
 * was not given to them. A driver knows no function; it starts empty guests.
 */
export interface SandboxDriver {
  readonly name: 'sandbox' | 'process';
  /** What this driver really enforces on this machine; `doctor` and `status` print it. */
  readonly guarantees: SandboxGuarantees;
  /**
   * Starts an empty guest. Resolves as soon as the process exists; whether its guest booted is told on `channel`.
   * @throws MayflyError SANDBOX_FAILED when the machine refuses (no namespace, no memory, too many processes).
   */
  start(spec: SandboxSpec): Promise<Sandbox>;
  /** Kills every sandbox and removes what it left on the machine. */
  close(): Promise<void>;
}

export interface SandboxGuarantees {
  readonly filesystem: boolean;
  readonly processes: boolean;
  readonly network: boolean;
  readonly syscalls: boolean;
  /** Where the memory bound comes from. */
  readonly memory: 'cgroup-v2' | 'cgroup-v1' | 'watchdog' | 'none';
  readonly cpu: 'cgroup-v2' | 'cgroup-v1' | 'none';
  readonly pids: 'cgroup-v2' | 'cgroup-v1' | 'rlimit' | 'none';
  readonly freeze: 'cgroup-v2' | 'signal';
}

export interface SandboxSpec {
  /** Unique in this node's life; safe as a file name. */
  readonly id: string;
  /** `nodejs24`. */
  readonly runtime: string;
  readonly network: 'full' | 'none';
  /** Memory bound while the guest is empty, MB; `constrain` replaces it. */
  readonly memoryMb: number;
}

export interface Sandbox {
  readonly id: string;
  /** Host process id of the guest, for diagnosis. */
  readonly pid: number;
  /** The guest protocol's socket. */
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, when the process has gone and what it left was removed; never rejects. */
  readonly exited: Promise<SandboxExit>;
  /**
   * Sets the bounds of the function that moves in. CPU follows memory: 1 vCPU at 1,769 MB, at least 0.1. That is its
   * share while others want the CPU too; what nobody else wants it may use, up to whole CPUs (1 up to 1,769 MB).
   */
  constrain(limits: SandboxBounds): void;
  /**
   * Makes a code tree visible inside, read-only, and returns its path there. Once a life.
   * @throws MayflyError STORAGE_FULL, INTERNAL
   */
  giveCode(tree: CodeTree): Promise<string>;
  /** Stops every process inside from running, without their knowledge. Idempotent. */
  freeze(): void;
  thaw(): void;
  /** Memory now in use inside, MB, and the most that was; 0 when the machine cannot tell. */
  memory(): { readonly usedMb: number; readonly peakMb: number };
  /** SIGKILL to all inside. Idempotent. */
  kill(): void;
}

export interface SandboxBounds {
  readonly memoryMb: number;
  /** What the guest may take on top of it for itself, MB; default 0. It brings no CPU. */
  readonly guestMb?: number;
  /** CPU share in thousandths of a vCPU; default: by `memoryMb`. */
  readonly cpuMillis?: number | undefined;
}

export interface SandboxExit {
  /** `memory`: killed for passing its memory bound. `killed`: by `kill()`. */
  readonly reason: 'exit' | 'signal' | 'memory' | 'killed';
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * A private copy (hard links) of an artifact's files, given to one sandbox after another, never to two at once.
 * Moving it is one rename, so that handing 10,000 files to a waiting sandbox costs as much as handing it one.
 */
export interface CodeTree {
  readonly artifact: string;
  /** Host path of the folder. */
  readonly path: string;
  /** JavaScript and TypeScript in it, bytes; Python counts as often as it takes longer to compile. */
  readonly codeBytes: number;
  /** Which compile cache lies in it, in `COMPILE_CACHE_FOLDER`; null: none. */
  readonly compileCache: string | null;
}
