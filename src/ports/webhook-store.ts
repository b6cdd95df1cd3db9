/** Somebody who is told of what is done to an app's environments. */
export interface NotifyTargetRecord {
  readonly app: string;
  /** `n-` and 12 hex digits. */
  readonly id: string;
  /** The only environment that it hears of; null: all. */
  readonly environment: string | null;
  readonly url: string;
  /** Sealed. */
  readonly secret: string;
  /** ms since the epoch. */
  readonly createdAt: number;
}

export type GitHost = 'github' | 'gitlab' | 'gitea';

/** A place that a Git host reports pushes to. */
export interface HookRecord {
  readonly app: string;
  /** `h-` and 24 hex digits. */
  readonly id: string;
  readonly host: GitHost;
  /** Where the repository is fetched from. */
  readonly url: string;
  /** What deliveries are signed with; sealed. */
  readonly secret: string;
  /** User name and password for `url`, sealed; null: it is public. */
  readonly credentials: string | null;
  readonly createdAt: number;
}

export type DeliveryState = 'running' | 'deployed' | 'failed' | 'ignored';

/** What became of one report of a Git host. */
export interface HookDeliveryRecord {
  readonly app: string;
  readonly hook: string;
  /** The host's own id of it. */
  readonly id: string;
  readonly at: number;
  readonly branch: string | null;
  readonly state: DeliveryState;
  readonly message: string;
}

/** Deliveries of a hook that are kept: the newest. Older ones could be sent again, and would deploy what the branch is by then. */
export const DELIVERIES_KEPT_MAX = 1_000;

/** Who tells the node of pushes, and whom the node tells of deploys. Each method is one transaction. */
export interface WebhookStore {
  insertTarget(target: NotifyTargetRecord): Promise<void>;
  listTargets(app: string): Promise<NotifyTargetRecord[]>;
  deleteTarget(app: string, id: string): Promise<boolean>;

  insertHook(hook: HookRecord): Promise<void>;
  findHook(app: string, id: string): Promise<HookRecord | null>;
  listHooks(app: string): Promise<HookRecord[]>;
  deleteHook(app: string, id: string): Promise<boolean>;

  /** False: there is a delivery with this id already; nothing is changed. */
  insertDelivery(delivery: HookDeliveryRecord): Promise<boolean>;
  settleDelivery(delivery: HookDeliveryRecord): Promise<void>;
  /** Deliveries that are `running` have failed, for this reason. */
  failRunning(message: string): Promise<void>;
  /** Newest first. */
  listDeliveries(app: string, hook: string, limit: number): Promise<HookDeliveryRecord[]>;

  /** Removes everything of an app. */
  removeApp(app: string): Promise<void>;
}
