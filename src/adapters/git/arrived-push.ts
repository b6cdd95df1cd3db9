import { MayflyError } from '../../domain/errors.ts';
import type { Push, RefUpdate } from '../../ports/repositories.ts';
import { writeCommitFiles } from './commit-files.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitCall, GitProgram } from './git-program.ts';

interface PushParts {
  readonly git: GitProgram;
  readonly repository: string;
  /** Folder of the objects that came with it; null: they are in the repository already. */
  readonly quarantine: string | null;
  readonly updates: readonly RefUpdate[];
  readonly limits: GitLimits;
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
  readonly say: (line: string) => void;
}

/** A push that waits for its decision. */
export class ArrivedPush implements Push {
  readonly updates: readonly RefUpdate[];
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
  readonly #parts: PushParts;
  readonly #call: GitCall;

  constructor(parts: PushParts) {
    this.#parts = parts;
    ({ updates: this.updates, signal: this.signal, ended: this.ended } = parts);
    this.#call = { environment: objectsOf(parts) };
  }

  /** The same with these updates. */
  of(updates: readonly RefUpdate[]): ArrivedPush {
    return new ArrivedPush({ ...this.#parts, updates });
  }

  say(line: string): void {
    this.#parts.say(line);
  }

  async current(ref: string): Promise<string | null> {
    const words = ['rev-parse', '--quiet', '--verify', '--end-of-options', ref];
    const { code, output } = await this.#run(words, [1]);
    return code === 0 ? output.trim() : null;
  }

  async isAncestor(before: string, after: string): Promise<boolean> {
    return (await this.#run(['merge-base', '--is-ancestor', before, after], [1])).code === 0;
  }

  async subject(commit: string): Promise<string> {
    return (await this.#run(['log', '-1', '--format=%s', '--end-of-options', commit])).output.trim();
  }

  async checkOut(commit: string, folder: string): Promise<void> {
    const { git, repository, limits } = this.#parts;
    const { output } = await this.#run(['cat-file', '-t', commit], [128]);
    if (output.trim() !== 'commit') throw new MayflyError('BAD_REQUEST', `${commit} is no commit.`);
    await writeCommitFiles(git, repository, this.#call, commit, folder, limits);
  }

  #run(words: readonly string[], codes: readonly number[] = []) {
    const { git, repository } = this.#parts;
    return git.run([`--git-dir=${repository}`, ...words], { ...this.#call, codes });
  }
}

/** Objects of a push are visible to itself alone until it is accepted. */
function objectsOf({ quarantine, repository }: PushParts): Record<string, string> {
  if (quarantine === null) return {};
  return {
    GIT_OBJECT_DIRECTORY: quarantine,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `${repository}/objects`,
  };
}
