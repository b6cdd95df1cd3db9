import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { MayflyError } from '../../domain/errors.ts';
import type { GitLimits } from './git-limits.ts';

/** Time between asking a Git process to end, which lets it remove its lock files, and killing it, ms. */
const KILL_AFTER_MS = 2_000;

/**
 * Set for every command: nothing that a repository holds is configuration, so nothing of it is run. `fsckObjects` refuses objects
 * that would write outside of a checkout; packs are kept as packs (`unpackLimit`), and unpacked in a bounded number of threads.
 */
const CONFIGURATION = [
  'transfer.fsckObjects=true',
  'receive.unpackLimit=1',
  'fetch.unpackLimit=1',
  'receive.autogc=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'core.bigFileThreshold=16m',
  'core.fsmonitor=false',
  'core.symlinks=true',
  'pack.threads=2',
  'uploadpack.allowFilter=true',
  'transfer.hideRefs=refs/mayfly',
  'safe.directory=*',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.http.allow=always',
  'http.followRedirects=initial',
];

export interface GitCall {
  readonly folder?: string;
  /** `name=value`. */
  readonly configuration?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
}

/** Where this machine has a program; null: it is not installed. */
export type FindProgram = (name: string) => string | null;

/** The `git` of this machine, run with none of its user's and none of the platform's environment. */
export class GitProgram {
  readonly #find: FindProgram;
  readonly #limits: GitLimits;
  readonly #running = new Set<ChildProcess>();

  constructor(find: FindProgram, limits: GitLimits) {
    this.#find = find;
    this.#limits = limits;
  }

  /** Starts it in a process group of its own. @throws MayflyError GIT_MISSING */
  spawn(words: readonly string[], call: GitCall = {}): ChildProcess {
    const git = this.#find('git');
    if (git === null) throw new MayflyError('GIT_MISSING', 'Git is not installed on the node.');
    const prlimit = this.#find('prlimit');
    const bound = this.#limits.memoryBytesMax;
    const command = [
      ...(prlimit === null ? [] : [prlimit, `--as=${bound}:${bound}`, '--core=0:0', '--']),
      git,
      ...[...CONFIGURATION, ...(call.configuration ?? [])].flatMap((setting) => ['-c', setting]),
      ...words,
    ];
    const child = spawn(command[0]!, command.slice(1), {
      cwd: call.folder,
      stdio: call.stdio ?? ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
        HOME: '/nonexistent',
        LC_ALL: 'C.UTF-8',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        GIT_ATTR_NOSYSTEM: '1',
        ...call.environment,
      },
      detached: true,
    });
    // A process that dies makes its pipes fail; its exit tells.
    for (const pipe of child.stdio) pipe?.on('error', () => {});
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  /** Runs it to its end. @throws MayflyError GIT_MISSING, INTERNAL when it fails with a code that is not in `codes` */
  async run(
    words: readonly string[],
    call: GitCall & { readonly codes?: readonly number[]; readonly onOutput?: (chunk: Buffer) => void } = {},
  ): Promise<{ readonly code: number; readonly output: string }> {
    const child = this.spawn(words, call);
    const timer = setTimeout(() => this.end(child), this.#limits.commandMs);
    let output = '';
    let errors = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      if (call.onOutput !== undefined) call.onOutput(chunk);
      else if (output.length < this.#limits.outputBytesMax) output += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (errors.length < this.#limits.outputBytesMax) errors += chunk;
    });
    const code = await endOf(child);
    clearTimeout(timer);
    if (code === 0 || (code !== null && call.codes?.includes(code) === true)) return { code, output };
    const verb = words.find((word) => !word.startsWith('-')) ?? '';
    throw new MayflyError('INTERNAL', `git ${verb} failed (${code ?? 'killed'}): ${errors.trim()}`);
  }

  /** Asks a process and its children to end, and kills them when they do not. */
  end(child: ChildProcess): void {
    const signal = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // They have gone.
      }
    };
    if (child.exitCode !== null || child.signalCode !== null) return;
    signal('SIGTERM');
    const timer = setTimeout(() => signal('SIGKILL'), KILL_AFTER_MS);
    child.once('close', () => clearTimeout(timer));
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const child of running) this.end(child);
    await Promise.all(running.map(endOf));
  }
}

/** The exit code; null: it was killed, or could not be started. Never rejects. */
export function endOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code));
    child.once('error', () => resolve(null));
  });
}
