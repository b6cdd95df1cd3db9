/** Bounds of one build workspace. */
export interface WorkspaceLimits {
  readonly memoryMb: number;
  /** CPUs' worth of time while others want it too. */
  readonly cpus: number;
  /** Processes and threads; npm starts many. */
  readonly pidsMax: number;
  readonly openFilesMax: number;
  /** Largest single file, bytes. */
  readonly fileBytesMax: number;
  /** First host user id for workspaces, when the platform runs as root; not among those of functions. */
  readonly firstUid: number;
  /** The most workspaces at a time. */
  readonly uidCount: number;
}

export const WORKSPACE_LIMITS: WorkspaceLimits = {
  memoryMb: 2_048,
  cpus: 2,
  pidsMax: 1_024,
  openFilesMax: 16_384,
  fileBytesMax: 1024 * 1024 * 1024,
  firstUid: 215_000,
  uidCount: 64,
};

/** What every workspace has beside the machine's own programs. */
export interface WorkspacePrograms {
  /** The Node.js that is `node` inside. */
  readonly node: string;
  /** Files and folders of the host that are readable inside, at the same paths: those of programs that steps run. */
  readonly readable: readonly string[];
}
