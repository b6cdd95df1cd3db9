/** One branch or tag that a push wants to change. Commits are 40 (or 64) hex digits. */
export interface RefUpdate {
  /** `refs/heads/main`. */
  readonly ref: string;
  /** What the pusher takes it to be; null: it is not there yet. */
  readonly before: string | null;
  /** Null: it is to be deleted. */
  readonly after: string | null;
}

/** A push whose objects have arrived and whose references have not changed yet. */
export interface Push {
  readonly updates: readonly RefUpdate[];
  /** Aborted when the pusher went away or the time for a push is over. */
  readonly signal: AbortSignal;
  /** Settles when all of it is over; never rejects. */
  readonly ended: Promise<void>;
  /** A line for the pusher, shown as `remote: LINE`. Control characters are taken out. */
  say(line: string): void;
  /** What a reference is now; null: it is not there. */
  current(ref: string): Promise<string | null>;
  /** Whether `after` contains `before`. */
  isAncestor(before: string, after: string): Promise<boolean>;
  /** The first line of a commit's message. */
  subject(commit: string): Promise<string>;
  /**
   * Writes the files of a commit into an empty folder. Nothing of the repository's content is run; submodules stay empty folders.
   * @throws MayflyError BODY_TOO_LARGE when they are too many or too large, BAD_REQUEST when it is no commit
   */
  checkOut(commit: string, folder: string): Promise<void>;
}

/** Lets a push happen, or refuses all of it by throwing: then no reference changes and its objects are forgotten. */
export type PushGate = (push: Push) => Promise<void>;

export interface Repository {
  readonly app: string;
  /** The branch that goes to production. */
  readonly productionBranch: string;
}

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** A request of Git's smart HTTP protocol (git-scm.com/docs/gitprotocol-http). */
export interface GitRequest {
  readonly content: AsyncIterable<Uint8Array>;
  readonly gzip: boolean;
  /** The header `Git-Protocol`, which asks for version 2. */
  readonly protocol: string | null;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
}

/** Where a mirrored branch comes from. */
export interface RemoteBranch {
  /** `https://…`. */
  readonly url: string;
  /** User name and password, or token, for it; null: it is public. */
  readonly credentials: { readonly user: string; readonly password: string } | null;
  readonly branch: string;
}

/**
 * The node's bare Git repositories, one an app. Every method throws MayflyError GIT_MISSING where Git is not installed, and
 * NOT_FOUND (except `ensure`, `find` and `remove`) where the app has no repository.
 */
export interface Repositories {
  /** Makes it when it is missing; without a branch, an existing one keeps its own and a new one gets `main`. */
  ensure(
    app: string,
    productionBranch: string | null,
  ): Promise<{ readonly repository: Repository; readonly created: boolean }>;
  find(app: string): Promise<Repository | null>;
  /** Removes it with all its history. False: there was none. */
  remove(app: string): Promise<boolean>;
  /** What the repository has: the answer to `info/refs`. */
  advertise(app: string, service: GitService, protocol: string | null): Promise<AsyncIterable<Uint8Array>>;
  /** Answers a fetch or a clone. */
  serveFetch(app: string, request: GitRequest): Promise<AsyncIterable<Uint8Array>>;
  /** Answers a push. @throws MayflyError STORAGE_FULL when the repository is at its bound */
  receivePush(app: string, request: GitRequest, gate: PushGate): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Brings a branch to what it is elsewhere, through the same gate as a push; when it is gone there, the branch goes here.
   * @throws MayflyError BAD_REQUEST when it cannot be fetched, or what the gate throws
   */
  mirror(
    app: string,
    remote: RemoteBranch,
    gate: PushGate,
    watch: Pick<Push, 'say' | 'signal'>,
  ): Promise<void>;
  /** Ends what is under way. */
  close(): Promise<void>;
}
