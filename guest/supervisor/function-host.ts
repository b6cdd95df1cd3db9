import type { Handler } from '../node/dialect.ts';
import type { Program } from './program.ts';

/** What the supervisor offers a function that it runs. */
export interface FunctionHost {
  /** A line that the function printed, for a call or for none that is known. */
  line(level: 'info' | 'error', requestId: string | null, text: string): void;
  /** The function's main program: its CPU time counts, and its end is the instance's. */
  watch(program: Program): void;
  /** The function cannot go on: loading fails, or the instance ends. */
  readonly failed: (error: Error) => void;
}

/** A function that is run as a program. */
export interface SupervisedFunction extends Handler {
  /** The program has ended: calls that it had answered are over, the others fail with the instance. */
  abandon(): void;
}

/** The author's program ended by itself. */
export class ProgramEnded extends Error {
  override readonly name = 'Runtime.ExitError';
}
