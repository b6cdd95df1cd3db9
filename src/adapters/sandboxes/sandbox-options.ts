/** What both drivers are told when they are opened. */
export interface SandboxOptions {
  /**
   * Where the driver makes its own folder, `sandboxes/`, emptied when it opens: `run/` of the data folder. On the file
   * system of the artifact store's `trees/`, since a tree moves in by rename(2).
   */
  readonly runDir: string;
  /** What to start for a runtime's name. */
  readonly runtimes: RuntimeSource;
  readonly limits?: Partial<SandboxLimits>;
}

/** Finds the program of a runtime; asked at every start, so it answers the same object while nothing has changed. */
export interface RuntimeSource {
  /** Null: this node has no such runtime. @throws MayflyError SANDBOX_FAILED, RUNTIME_UNAVAILABLE when it has, but cannot make it ready */
  find(name: string): Promise<RuntimeProgram | null>;
}

export interface RuntimeProgram {
  /** The runtime's binary on this machine; it runs in the sandbox with the libraries that it is linked to. */
  readonly executable: string;
  /** Arguments before the guest's file. */
  readonly arguments: readonly string[];
  /** The guest: the file that the runtime runs. */
  readonly guestFile: string;
  /** Files and folders that it reads, by name, from its own folder; in a sandbox there is nothing else of that folder. */
  readonly guestParts: readonly string[];
  /**
   * Whether the sandbox sees the programs and libraries of the machine (`/usr`), read-only: for runtimes that are more than one
   * file. The runtime then has the path that it has outside when that is in `/usr` or in one of `folders`.
   */
  readonly system?: boolean;
  /** Further folders of the machine that the sandbox sees, read-only, where they are outside. */
  readonly folders?: readonly string[];
  /** A container: the image's root is the sandbox's, and the runtime and its guest are added to it. */
  readonly image?: ContainerImage;
}

/** An unpacked image, as paths of the machine. */
export interface ContainerImage {
  /** Has the mount points that every container needs. */
  readonly rootfs: string;
  /** What the image says of itself, for the guest. */
  readonly configFile: string;
}

/** Bounds of every sandbox, whatever function moves in. */
export interface SandboxLimits {
  /** Size of `/tmp`, bytes. It is memory, and counts against the function's. */
  readonly tmpBytesMax: number;
  /** Size of `/dev/shm`, bytes; memory too. */
  readonly sharedMemoryBytesMax: number;
  /** Processes and threads inside; an idle Node.js has 12. */
  readonly pidsMax: number;
  readonly openFilesMax: number;
  /** Largest single file, bytes: what bounds files that live in memory alone (memfd). */
  readonly fileBytesMax: number;
  /** First host user id for sandboxes, when the platform runs as root; each sandbox has one of its own. */
  readonly firstUid: number;
  /** How many ids from there on: the most sandboxes at a time. */
  readonly uidCount: number;
}

export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  tmpBytesMax: 64 * 1024 * 1024,
  sharedMemoryBytesMax: 16 * 1024 * 1024,
  pidsMax: 128,
  openFilesMax: 4_096,
  fileBytesMax: 256 * 1024 * 1024,
  firstUid: 210_000,
  uidCount: 2_000,
};

export const MB = 1024 * 1024;

/** CPU share by memory: 1 vCPU at 1,769 MB, as AWS Lambda documents it, at least a tenth. */
export const cpusFor = (memoryMb: number): number => Math.max(0.1, memoryMb / 1_769);
