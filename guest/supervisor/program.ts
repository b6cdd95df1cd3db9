import { type ChildProcess, spawn } from 'node:child_process';
import { LineReader } from '../../src/contract/line-reader.ts';
import { OWNER_VARIABLE } from '../../src/contract/sandbox-owner.ts';
import { LAST_LINE_CHARS_MAX, LAST_LINES_MAX, LINE_BYTES_MAX, OUTPUT_END_MS_MAX } from './limits.ts';

/** Without a sandbox around it, how a program is found that outlived a platform which was killed. */
const OWNER: NodeJS.ProcessEnv =
  process.env[OWNER_VARIABLE] === undefined ? {} : { [OWNER_VARIABLE]: process.env[OWNER_VARIABLE] };

/** Those that run; none is left when the supervisor ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProgramSpec {
  /** A path, or a name that `PATH` leads to. */
  readonly command: string;
  /** The name that it is told it was called by. Default: `command`. */
  readonly calledAs?: string;
  readonly parameters: readonly string[];
  readonly folder: string;
  readonly variables: NodeJS.ProcessEnv;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The program could not even be started. */
class ProgramUnstartable extends Error {
  override readonly name = 'Runtime.InvalidEntrypoint';
}

/** A program of the author's: the function itself, or an extension beside it. */
export class Program {
  /** Settles when it has ended and its output was read. */
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  #lastLines: string[] = [];

  private constructor(child: ChildProcess, line: (level: 'info' | 'error', text: string) => void) {
    this.#child = child;
    const out = new LineReader(LINE_BYTES_MAX, (text) => this.#tell(text, () => line('info', text)));
    const err = new LineReader(LINE_BYTES_MAX, (text) => this.#tell(text, () => line('error', text)));
    child.stdout!.on('data', (part: Buffer) => out.push(part));
    child.stderr!.on('data', (part: Buffer) => err.push(part));
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const told = (): void => {
          out.end();
          err.end();
          resolve({ code, signal });
        };
        const late = setTimeout(told, OUTPUT_END_MS_MAX);
        child.once('close', () => {
          clearTimeout(late);
          told();
        });
      });
    });
  }

  /** `line` is told each line of its output. @throws ProgramUnstartable */
  static async start(
    { command, calledAs = command, parameters, folder, variables }: ProgramSpec,
    line: (level: 'info' | 'error', text: string) => void,
  ): Promise<Program> {
    const child = spawn(command, parameters, {
      argv0: calledAs,
      cwd: folder,
      env: { ...variables, ...OWNER },
      // The fourth covers the protocol's descriptor, which the program would inherit.
      stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
    });
    const program = new Program(child, line);
    if (child.pid === undefined) {
      const failure = await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
      throw new ProgramUnstartable(`${command} cannot be started: ${reasonOf(failure)}.`);
    }
    child.on('error', () => undefined);
    running.add(child);
    child.once('exit', () => running.delete(child));
    return program;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it said last, to be quoted; empty when it said nothing. */
  get lastWords(): string {
    return this.#lastLines.length === 0 ? '' : ` It said last: ${this.#lastLines.join(' ⏎ ')}`;
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) this.#child.kill(name);
  }

  /** Asks it to end, and ends it when it has not within `graceMs`. */
  async end(graceMs: number): Promise<void> {
    if (!this.running) return;
    this.signal(graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
    const late = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(late);
  }

  #tell(text: string, line: () => void): void {
    this.#lastLines.push(text.slice(0, LAST_LINE_CHARS_MAX));
    if (this.#lastLines.length > LAST_LINES_MAX) this.#lastLines.shift();
    line();
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'neither it nor, if it is a script, what its first line names is there';
  if (code === 'EACCES') return 'it has no run bit';
  if (code === 'ENOEXEC') return 'it is no program for this machine';
  return message;
}

/** `exit status 3`, `signal SIGSEGV`. */
export function sayEnd({ code, signal }: ProgramEnd): string {
  return signal === null ? `exit status ${code}` : `signal ${signal}`;
}
