import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody with a local clone and the real `git`, whose own configuration plays no part. */
export class Author {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(folder: string) {
    this.folder = folder;
    this.#env = {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org',
    };
  }

  /** A clone in which nothing is yet. */
  static async start(folder: string): Promise<Author> {
    await mkdir(folder, { recursive: true });
    const author = new Author(folder);
    await author.git('init', '--quiet', '--initial-branch=main');
    return author;
  }

  /** Runs Git, whatever comes of it. */
  tryGit(...words: string[]): Promise<GitResult> {
    return new Promise((resolve) => {
      execFile('git', words, { cwd: this.folder, env: this.#env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      });
    });
  }

  /** Runs Git. @throws when it fails */
  async git(...words: string[]): Promise<GitResult> {
    const result = await this.tryGit(...words);
    if (result.code !== 0) throw new Error(`git ${words.join(' ')}: ${result.stderr}`);
    return result;
  }

  /** Writes files (null: removes) and commits them. Answers the commit. */
  async commit(files: Readonly<Record<string, string | null>>, message = 'change'): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, path);
      await mkdir(dirname(file), { recursive: true });
      if (text === null) await rm(file);
      else await writeFile(file, text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', message);
    return (await this.git('rev-parse', 'HEAD')).stdout.trim();
  }
}
