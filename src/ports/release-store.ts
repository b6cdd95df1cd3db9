import type { Role } from '../contract/control-api.ts';
import type { ReleaseManifest } from '../contract/manifest.ts';

/** One immutable build of a whole app. */
export interface ReleaseRecord {
  /** `r-` and 12 hex digits. */
  readonly id: string;
  readonly app: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Name of the token that deployed it. */
  readonly createdBy: string;
  readonly message: string;
  readonly manifest: ReleaseManifest;
}

/** A pointer to a release. */
export interface EnvironmentRecord {
  readonly app: string;
  readonly name: string;
  readonly release: string;
  readonly activatedAt: number;
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

/** An environment with all that its snapshot is made of. */
export interface ActiveRelease {
  readonly environment: EnvironmentRecord;
  readonly manifest: ReleaseManifest;
  readonly variables: readonly VariableRecord[];
}

/**
 * The control plane's durable state. Every method is one transaction: after a crash it happened whole or not at all.
 * Any writing method may throw MayflyError STORAGE_FULL.
 */
export interface ReleaseStore {
  insertRelease(release: ReleaseRecord): Promise<void>;
  getRelease(app: string, id: string): Promise<ReleaseRecord | null>;
  /** Newest first. */
  listReleases(app: string, limit: number): Promise<ReleaseRecord[]>;
  /** Removes the app's releases but the newest `keep` and those that an environment points at. Returns how many. */
  pruneReleases(app: string, keep: number): Promise<number>;
  /** The artifacts that any release names. */
  listArtifacts(): Promise<Set<string>>;

  /** Points an environment at a release, creating it at first. @throws NOT_FOUND when the release is not there. */
  activate(app: string, environment: string, release: string, at: number): Promise<void>;
  listEnvironments(app?: string): Promise<EnvironmentRecord[]>;
  /**
   * Every environment with its release, one after another: read at start, where 10,000 single questions would take
   * longer than all the rest. Nothing may write meanwhile.
   */
  listActive(): AsyncIterable<ActiveRelease>;
  /** Removes an app with its releases, environments and variables. False: there was nothing of it. */
  removeApp(app: string): Promise<boolean>;
  /** Removes an environment with its variables; the app's releases stay. False: it was not there. */
  removeEnvironment(app: string, environment: string): Promise<boolean>;

  /** First removes the variables with these names, for all functions and for single ones, then sets. */
  changeVariables(change: VariableChangeRecord): Promise<{ readonly set: number; readonly unset: number }>;
  listVariables(app: string, environment: string): Promise<VariableRecord[]>;

  insertToken(token: TokenRecord): Promise<void>;
  findTokenByHash(sha256: string): Promise<TokenRecord | null>;
  listTokens(): Promise<TokenRecord[]>;
  deleteToken(id: string): Promise<boolean>;

  close(): Promise<void>;
}
