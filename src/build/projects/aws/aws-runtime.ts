import { chooseRuntime } from '../runtime-choice.ts';
import type { Note } from '../section.ts';

/** What runs here what a Lambda runtime runs there. */
export interface AwsRuntime {
  /** null: nothing does. */
  readonly runtime: string | null;
  /** null: the runtime's own. */
  readonly dialect: 'lambda' | 'http' | null;
  /** What the author should know; null: nothing. */
  readonly note: Note | null;
}

/** Reads an identifier of a Lambda runtime: `nodejs20.x`, `python3.12`, `provided.al2023`. */
export function readAwsRuntime(written: string): AwsRuntime {
  if (/^provided(\.al\w+)?$/.test(written)) return { runtime: 'provided', dialect: null, note: null };
  const { runtime, note } = chooseRuntime(written);
  return { runtime, dialect: runtime === null ? null : 'lambda', note };
}
