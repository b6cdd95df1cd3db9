import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/mayfly', import.meta.url));
/** Nothing that a test starts may take longer unless it says so, ms: a node serves all tests of a file. */
const PATIENCE_MS = 140_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** When it is killed if it has not ended, ms. */
  readonly patienceMs?: number;
}

/** `bin/mayfly` as a process of its own, with no MAYFLY_ variable but those given. */
export class MayflyProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #lines: string[] = [];
  #onLine = () => {};

  constructor(words: readonly string[], { cwd, env = {}, stdin, patienceMs = PATIENCE_MS }: Given) {
    this.child = spawn(process.execPath, [LAUNCHER, ...words], {
      cwd,
      env: { ...cleanEnvironment(), ...env },
    });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
    this.child.stdout!.on('data', (part) => {
      this.stdout += part;
    });
    this.child.stderr!.on('data', (part) => {
      this.stderr += part;
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.#lines.push(line);
      this.#onLine();
    });
    this.child.stdin!.on('error', () => {});
    if (stdin !== undefined) this.child.stdin!.end(stdin);
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      clearTimeout(timer);
      this.#onLine();
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** The next line of stdout for which `wanted` holds; those before it are left out. @throws when stdout ends first */
  async line(wanted: (line: string) => boolean = () => true): Promise<string> {
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
        if (wanted(line)) return line;
      }
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(
          `It ended (${this.child.exitCode ?? this.child.signalCode}) before the line came: ${this.stderr}`,
        );
      }
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** One command to its end; without `stdin` it is empty. */
export function mayfly(words: readonly string[], given: Given): Promise<Ended> {
  return new MayflyProcess(words, { stdin: '', ...given }).ended;
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MAYFLY_')));
}

/** Whether a process is there and does something; one that has ended but was not waited for is not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // Gone in between, or no /proc here: then the first answer stands.
    return process.platform !== 'linux';
  }
}
