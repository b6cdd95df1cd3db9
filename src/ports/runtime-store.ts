/** A runtime of the platform's own kind, and what of it is on this node. */
export interface RuntimeRecord {
  /** `nodejs22`. */
  readonly name: string;
  /** Null: it is not here; it is fetched when something is deployed that needs it. */
  readonly version: string | null;
  /** On disk; 0 when it is not here. */
  readonly bytes: number;
  /** `mayfly`: the platform runs on it itself. `machine`: it is installed there. Null: it is not here. */
  readonly from: 'mayfly' | 'machine' | 'registry' | 'file' | null;
  /** Of the package that it came in, as npm writes it (`sha512-…`); null: it came in none. */
  readonly integrity: string | null;
  /** When it was put here, ms since the epoch; null when nobody did. */
  readonly addedAt: number | null;
}

/** Keeps the runtimes that are fetched when somebody needs them. Each is here whole or not at all, whatever dies meanwhile. */
export interface RuntimeStore {
  /** All that there could be, by name. */
  list(): readonly RuntimeRecord[];
  /** Whether it has to be fetched before anything can run on it. False for what is not kept here: other kinds of runtimes. */
  isMissing(name: string): boolean;
  /**
   * Fetches it when it is missing. Several at a time share one download.
   * @throws MayflyError RUNTIME_UNAVAILABLE, STORAGE_FULL
   */
  ensure(name: string): Promise<void>;
  /**
   * Fetches the newest version that the registry has; the one that is here is replaced, and stays when that fails.
   * @throws MayflyError NOT_FOUND (no such runtime), CONFLICT (the platform's own), RUNTIME_UNAVAILABLE, STORAGE_FULL
   */
  add(name: string): Promise<RuntimeRecord>;
  /**
   * Takes it from its package, an npm tarball, instead of the registry.
   * @throws MayflyError as `add`; VALIDATION_FAILED when it is another package
   */
  addPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<RuntimeRecord>;
  /** @throws MayflyError NOT_FOUND (it is not here), CONFLICT (the platform's own) */
  remove(name: string): Promise<void>;
}
