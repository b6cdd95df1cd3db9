import type { CodeTree } from './sandbox.ts';

/** One file of an artifact. `path` is relative, `/`-separated, without `..`; `mode` is 0o644 or 0o755. */
export interface ArtifactFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: number;
}

/** V8's compile cache of an artifact, as one instance made it (see contract/compile-cache.ts). */
export interface CompileCache {
  readonly tag: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** How large an artifact is. */
export interface ArtifactSize {
  readonly files: number;
  readonly bytes: number;
}

/** What a collection removed. */
export interface Collected {
  readonly artifacts: number;
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Content-addressed store of built code. An artifact is a list of files; its digest is the SHA-256 of the
 * canonical JSON of that list, sorted by path, so that equal code has an equal name everywhere.
 */
export interface ArtifactStore {
  /** Which of these blobs are not here yet; the others are kept for at least the grace time of `collect`. */
  missing(sha256: readonly string[]): Promise<string[]>;
  /**
   * Stores a blob, verified against its digest while it streams to disk; visible only when whole.
   * @throws MayflyError VALIDATION_FAILED (digest or size differs), STORAGE_FULL, BODY_TOO_LARGE
   */
  putBlob(sha256: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Takes over a file of this machine as a blob: the path is gone afterwards. Its maker has made its digest, which is believed, so that nothing of it passes
   * through this process again.
   * @throws MayflyError VALIDATION_FAILED (the name, the size), STORAGE_FULL, BODY_TOO_LARGE
   */
  adoptBlob(sha256: string, bytes: number, path: string): Promise<void>;
  /**
   * Makes the artifact usable: every blob is present and the tree is laid out. Returns its digest. Idempotent.
   * @throws MayflyError VALIDATION_FAILED (a blob is missing, a path escapes), STORAGE_FULL
   */
  assemble(files: readonly ArtifactFile[]): Promise<string>;
  has(artifact: string): Promise<boolean>;
  /** What it was assembled of, sorted by path or not. @throws MayflyError NOT_FOUND */
  listFiles(artifact: string): Promise<readonly ArtifactFile[]>;
  /** The content of a blob. @throws MayflyError NOT_FOUND */
  readBlob(sha256: string): Promise<AsyncIterable<Uint8Array>>;
  /** Null: there is no such artifact. */
  sizeOf(artifact: string): Promise<ArtifactSize | null>;
  /**
   * A tree for one sandbox; made when no spare one is there. With the compile cache that was attached for `owner`, if
   * there is one. @throws MayflyError NOT_FOUND, STORAGE_FULL
   */
  takeTree(artifact: string, owner?: string): Promise<CodeTree>;
  /**
   * Keeps a compile cache for the trees that this owner takes, in place of one with another tag; one with the same
   * tag stays. It is bytecode that V8 trusts: no other owner of the same artifact ever gets it. Bounded: an owner that has
   * not attached for long may lose its own. Nothing happens when there is no such artifact (any more).
   * @throws MayflyError VALIDATION_FAILED (a name), STORAGE_FULL
   */
  attachCompileCache(artifact: string, owner: string, cache: CompileCache): Promise<void>;
  /** Gives back a tree whose sandbox has gone; kept as a spare or removed. */
  returnTree(tree: CodeTree): void;
  /**
   * Removes artifacts that are not in `live`, and blobs that none of the remaining names, unless they were uploaded, asked
   * for or assembled within the grace time: a deploy may be on its way. Trees that were taken stay usable.
   */
  collect(live: ReadonlySet<string>): Promise<Collected>;
}
