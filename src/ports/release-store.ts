import type { Role } from '../contract/control-api.ts';
import type { ReleaseManifest } from '../contract/manifest.ts';
import type { EnvironmentKind, Traffic, TrafficAction } from '../domain/traffic.ts';

/** One immutable build of a whole app. */
export interface ReleaseRecord {
  /** `r-` and 12 hex digits, made from the manifest: the same content has the same id. */
  readonly id: string;
  readonly app: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Name of the token that deployed it. */
  readonly createdBy: string;
  readonly message: string;
  readonly manifest: ReleaseManifest;
}

/** Where an environment's traffic goes. */
export interface EnvironmentRecord {
  readonly app: string;
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly traffic: Traffic;
  /** When its stable release became that; before there is one, when it was made. ms since the epoch. */
  readonly activatedAt: number;
  /** 1 when it is made, one more with each change. */
  readonly revision: number;
  readonly createdAt: number;
}

/** The next state of an environment, with what its history will say about it. */
export interface EnvironmentChange {
  readonly app: string;
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly traffic: Traffic;
  /** What it was decided on; 0: the environment is new. */
  readonly revision: number;
  readonly at: number;
  /** Name of the token that did it, or `mayfly`. */
  readonly by: string;
  readonly action: TrafficAction;
  readonly reason: string;
  /** Recorded in the same transaction, as `insertRelease` does. */
  readonly release?: ReleaseRecord;
  /** Set in the same transaction, as `changeVariables` does. */
  readonly variables?: readonly VariableRecord[];
}

/** What was done to an environment. */
export interface HistoryRecord {
  /** The revision that it made. */
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly action: TrafficAction;
  /** Stable after it. */
  readonly release: string | null;
  readonly canary: { readonly release: string; readonly weight: number } | null;
  readonly reason: string;
}

/** Which releases may go: those beyond the newest `keep`, and those last deployed before `before`. */
export interface ReleasePruning {
  readonly app: string;
  readonly keep: number;
  /** ms since the epoch. */
  readonly before: number;
  /** How many of the releases that an environment had before can be rolled back to for sure. */
  readonly pastKept: number;
}

/** A variable of an environment; a secret's `value` is sealed (AES-256-GCM), base64. */
export interface VariableRecord {
  readonly app: string;
  readonly environment: string;
  /** Function it is for, or `''` for all. */
  readonly function: string;
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
  readonly updatedAt: number;
}

export interface VariableChangeRecord {
  readonly app: string;
  readonly environment: string;
  /** Of this app and environment. */
  readonly set: readonly VariableRecord[];
  readonly unset: readonly string[];
}

/** A token: only its SHA-256 is stored. */
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly role: Role;
  /** Apps it is good for; null: all. */
  readonly apps: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** An environment with all that its snapshots are made of. */
export interface ActiveEnvironment {
  readonly environment: EnvironmentRecord;
  /** Of the stable release and of the canary's, where there is one. */
  readonly stable: ReleaseManifest | null;
  readonly canary: ReleaseManifest | null;
  readonly variables: readonly VariableRecord[];
}

/** Entries of an environment's history that are kept: the newest. */
export const HISTORY_KEPT_MAX = 500;

/**
 * The control plane's durable state. Every method is one transaction: after a crash it happened whole or not at all.
 * Any writing method may throw MayflyError STORAGE_FULL.
 */
export interface ReleaseStore {
  /**
   * Keeps a release. One that is there already stays as it was, and counts as deployed at the new `createdAt`.
   * @throws MayflyError CONFLICT when it is there with another manifest
   */
  insertRelease(release: ReleaseRecord): Promise<void>;
  getRelease(app: string, id: string): Promise<ReleaseRecord | null>;
  /** The last deployed first. */
  listReleases(app: string, limit: number): Promise<ReleaseRecord[]>;
  /**
   * Removes old releases, but none that an environment serves, none of the last `pastKept` that it served before, and none that a
   * call still to be made belongs to. Returns how many.
   */
  pruneReleases(pruning: ReleasePruning): Promise<number>;
  /** The ids of all releases of the app. */
  listReleaseIds(app: string): Promise<Set<string>>;
  /** Apps that have releases, by name. */
  listApps(): Promise<string[]>;
  /** The artifacts that any release names. */
  listArtifacts(): Promise<Set<string>>;

  /**
   * Changes an environment, or makes it, and adds to its history.
   * @throws MayflyError CONFLICT (its revision is another), RELEASE_NOT_FOUND (its traffic names a release that is not kept)
   */
  saveEnvironment(change: EnvironmentChange): Promise<EnvironmentRecord>;
  listEnvironments(app?: string): Promise<EnvironmentRecord[]>;
  /** Newest first. */
  listHistory(app: string, environment: string, limit: number): Promise<HistoryRecord[]>;
  /**
   * Every environment with its releases, one after another: read at start, where 10,000 single questions would take
   * longer than all the rest. Nothing may write meanwhile.
   */
  listActive(): AsyncIterable<ActiveEnvironment>;
  /** Removes an app with its releases, environments, variables and dead calls. False: there was nothing of it. */
  removeApp(app: string): Promise<boolean>;
  /** Removes an environment with its variables, its history and its dead calls; the app's releases stay. False: it was not there. */
  removeEnvironment(app: string, environment: string): Promise<boolean>;

  /** First removes the variables with these names, for all functions and for single ones, then sets. */
  changeVariables(change: VariableChangeRecord): Promise<{ readonly set: number; readonly unset: number }>;
  listVariables(app: string, environment: string): Promise<VariableRecord[]>;

  insertToken(token: TokenRecord): Promise<void>;
  findToken(id: string): Promise<TokenRecord | null>;
  findTokenByHash(sha256: string): Promise<TokenRecord | null>;
  listTokens(): Promise<TokenRecord[]>;
  deleteToken(id: string): Promise<boolean>;

  close(): Promise<void>;
}
