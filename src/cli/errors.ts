import type { Problem } from '../contract/control-api.ts';
import { ERROR_TABLE, type ErrorCode, MayflyError, toMayflyError } from '../domain/errors.ts';

/** Exit codes of every command; an interruption adds 128 + the signal's number. */
export const EXIT_OK = 0;
const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** A wrong command line. @returns an error that exits with `EXIT_USAGE` */
export function usageError(message: string): MayflyError {
  return new MayflyError('USAGE', message);
}

export function exitCodeOf(error: MayflyError): number {
  return error.code === 'USAGE' ? EXIT_USAGE : EXIT_FAILURE;
}

/** An error as the same problem document that the control API answers with (RFC 9457). */
export function problemOf(thrown: unknown): Problem {
  const error = toMayflyError(thrown);
  return {
    type: `urn:mayfly:error:${error.code}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status: error.status,
    detail: error.message,
    code: error.code,
    blame: error.blame,
    retryable: error.retryable,
    hint: error.hint,
    ...(error.details === undefined ? {} : { details: { ...error.details } }),
  };
}

/** A problem document (or what claims to be one) → the error it stands for. */
export function errorOfProblem(status: number, problem: Partial<Problem>): MayflyError {
  const known = typeof problem.code === 'string' && Object.hasOwn(ERROR_TABLE, problem.code);
  // A node newer than this CLI may know codes that this one does not.
  const code: ErrorCode = known ? (problem.code as ErrorCode) : status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
  const message = problem.detail ?? problem.title ?? `The node answered ${status}.`;
  return new MayflyError(code, message, problem.details === undefined ? {} : { details: problem.details });
}
