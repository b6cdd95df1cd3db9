import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MayflyError } from '../domain/errors.ts';

const CREDENTIALS = 'mayfly-credentials';

/** The Git repository that a folder is in, by the user's own Git. */
export class LocalClone {
  /** Top of the working tree. */
  readonly root: string;
  readonly #gitDir: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(root: string, gitDir: string, env: NodeJS.ProcessEnv) {
    this.root = root;
    this.#gitDir = gitDir;
    this.#env = env;
  }

  /** Null: the folder is in no repository. @throws MayflyError GIT_MISSING */
  static find(folder: string, env: Readonly<Record<string, string | undefined>>): LocalClone | null {
    const found = spawnSync(
      'git',
      ['rev-parse', '--path-format=absolute', '--show-toplevel', '--git-common-dir'],
      { cwd: folder, env: { ...env }, encoding: 'utf8' },
    );
    if (found.error !== undefined) throw new MayflyError('GIT_MISSING', 'Git is not installed here.');
    const [root, gitDir] = found.stdout.split('\n');
    return found.status === 0 && root && gitDir ? new LocalClone(root, gitDir, { ...env }) : null;
  }

  /**
   * Adds or changes a remote. The token goes into a file of mode 600 beside the repository's configuration, which Git reads for this very
   * address alone (and never writes: a refusal does not make it forget): it stands in no URL, no argument, no output of `git config`, and helpers that would keep it elsewhere are switched off.
   */
  addRemote(name: string, url: string, token: string): void {
    const known = this.#git(['config', '--get', `remote.${name}.url`], [1]) !== '';
    this.#git(known ? ['remote', 'set-url', name, url] : ['remote', 'add', '--', name, url]);
    const file = path.join(this.#gitDir, CREDENTIALS);
    // One that is there may have another mode.
    rmSync(file, { force: true });
    writeFileSync(file, `username=mayfly\npassword=${token}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
    const section = `credential.${url}`;
    this.#git(['config', '--replace-all', `${section}.helper`, '']);
    this.#git([
      'config',
      '--add',
      `${section}.helper`,
      `!f() { test "$1" = get && cat ${quoted(file)}; }; f`,
    ]);
    this.#git(['config', `${section}.useHttpPath`, 'true']);
  }

  #git(words: readonly string[], codes: readonly number[] = []): string {
    const options = { cwd: this.root, env: this.#env, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('git', words, options);
    if (status === 0 || (status !== null && codes.includes(status))) return stdout.trim();
    throw new MayflyError('CONFLICT', `git ${words[0]} failed: ${stderr.trim()}`);
  }
}

/** As a shell takes it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
