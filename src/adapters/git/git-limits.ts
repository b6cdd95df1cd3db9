/** Bounds of the Git repositories on a node. */
export interface GitLimits {
  /** A push's request, unpacked from gzip; the pack in it stays compressed as Git made it. */
  readonly pushBytesMax: number;
  /** A fetch's request, unpacked from gzip. */
  readonly fetchRequestBytesMax: number;
  /** A repository on disk; a push into a larger one is refused. */
  readonly repositoryBytesMax: number;
  /** Files of a commit that is checked out, and their bytes. */
  readonly checkoutFilesMax: number;
  readonly checkoutBytesMax: number;
  /** How long a push may take, builds included; a fetch. */
  readonly pushMs: number;
  readonly fetchMs: number;
  /** A Git command of the node's own. */
  readonly commandMs: number;
  /** Address space of each Git process: what a crafted pack can make it take. */
  readonly memoryBytesMax: number;
  /** What a command of the node's own may print. */
  readonly outputBytesMax: number;
}

export const GIT_LIMITS: GitLimits = {
  pushBytesMax: 256 * 1024 * 1024,
  fetchRequestBytesMax: 16 * 1024 * 1024,
  repositoryBytesMax: 2 * 1024 * 1024 * 1024,
  checkoutFilesMax: 50_000,
  checkoutBytesMax: 1024 * 1024 * 1024,
  pushMs: 30 * 60_000,
  fetchMs: 10 * 60_000,
  commandMs: 60_000,
  memoryBytesMax: 4 * 1024 * 1024 * 1024,
  outputBytesMax: 1024 * 1024,
};
