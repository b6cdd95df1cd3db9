import type { Readable, Writable } from 'node:stream';
import type { NodeHost } from './node-host.ts';

/** A stream that may be a terminal. */
export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };
export type TerminalInput = Readable & { readonly isTTY?: boolean };

/** Everything a command takes from the process it runs in; a test gives its own. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Current folder, absolute. */
  readonly cwd: string;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  /** Aborted by the first SIGINT or SIGTERM; its reason is an `Interrupted`. */
  readonly signal: AbortSignal;
  readonly host: NodeHost;
}

/** Thrown (and found as `signal.reason`) when the user or a supervisor ends a command. */
export class Interrupted extends Error {
  readonly by: 'SIGINT' | 'SIGTERM';

  constructor(by: 'SIGINT' | 'SIGTERM') {
    super(`Interrupted by ${by}.`);
    this.name = 'Interrupted';
    this.by = by;
  }

  /** 128 + the signal's number, as shells count. */
  get exitCode(): number {
    return this.by === 'SIGINT' ? 130 : 143;
  }
}
