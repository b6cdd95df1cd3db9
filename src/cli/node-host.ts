/**
 * What the CLI needs from the rest of the program to run a node in this process or as a child of it. `main.ts` gives
 * it, so that the CLI imports neither the composition root nor an adapter.
 */
export interface NodeHost {
  /** The file that starts this program: what a child node is started with. */
  readonly mainFile: string;
  /** Every setting of a node. */
  readonly settings: readonly NodeSetting[];
  /** @throws MayflyError CONFIG_INVALID, PORT_TAKEN, DATA_LOCKED, DATA_NEWER, SANDBOX_FAILED, STORAGE_FULL */
  startNode(flags: NodeFlags): Promise<RunningNode>;
  examineMachine(): Promise<readonly MachineFact[]>;
}

/** A setting of a node, as `mayfly up` offers it: by flag, or by variable. */
export interface NodeSetting {
  readonly key: string;
  /** `--gateway-port`. */
  readonly flag: string;
  /** `MAYFLY_GATEWAY_PORT`. */
  readonly variable: string;
  readonly default: string;
  readonly help: string;
}

/** Flags as typed, unchecked, by the key of their setting. */
export type NodeFlags = Readonly<Record<string, string | undefined>>;

export interface RunningNode {
  readonly dataDir: string;
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  readonly edgeUrl: string;
  /** Stops accepting, finishes calls within a bound, flushes, and releases the data folder. */
  close(): Promise<void>;
}

/** One thing that isolation on this machine depends on. */
export interface MachineFact {
  /** `bubblewrap`, `namespaces`, `memory bound` … */
  readonly check: string;
  readonly ok: boolean;
  /** What was found, one sentence. */
  readonly detail: string;
  /** The command that would improve it, or null when nothing needs to be done. */
  readonly fix: string | null;
}
