import { type ErrorCode, MayflyError } from '../domain/errors.ts';

/** One thing that is wrong with an app's configuration or code, and where. */
export interface Problem {
  /** Path relative to the app's folder, `/`-separated; `null` when no file is to blame. */
  readonly file: string | null;
  /** From 1; `null` when only the file is known. */
  readonly line: number | null;
  /** From 1. */
  readonly column: number | null;
  readonly message: string;
  /** What to write instead, when that can be told. */
  readonly suggestion: string | null;
}

/** Where something stands: the first three fields of a `Problem`. */
export type Place = Pick<Problem, 'file' | 'line' | 'column'>;

export const NOWHERE: Place = { file: null, line: null, column: null };

export function problemAt(place: Place, message: string, suggestion: string | null = null): Problem {
  return { file: place.file, line: place.line, column: place.column, message, suggestion };
}

/** `functions/hello.ts:3:9: message (suggestion)`: one problem as a line that editors and terminals can follow. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const text = problem.suggestion === null ? problem.message : `${problem.message} (${problem.suggestion})`;
  return place === '' ? text : `${place}: ${text}`;
}

/**
 * Many problems as one error: the message has one line each, `details.problems` the list (`Problem[]`), sorted by
 * place so that the same mistakes always read the same.
 */
export function problemsError(code: ErrorCode, problems: readonly Problem[]): MayflyError {
  const sorted = [...problems].sort(byPlace);
  return new MayflyError(code, sorted.map(formatProblem).join('\n'), { details: { problems: sorted } });
}

function byPlace(a: Problem, b: Problem): number {
  const files = (a.file ?? '').localeCompare(b.file ?? '', 'en');
  return files || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
