import type { Problem } from '../../contract/control-api.ts';
import { MayflyError } from '../../domain/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** An error as RFC 9457 has it. What went wrong inside the platform is for its operator, not for the caller. */
export function problemOf(error: MayflyError, requestId: string): Problem {
  const { code, status, blame, retryable, hint, details } = error;
  return {
    type: `urn:mayfly:error:${code}`,
    title: code.toLowerCase().replaceAll('_', ' '),
    status,
    detail: code === 'INTERNAL' ? 'The platform failed to handle the request.' : error.message,
    code,
    blame,
    retryable,
    hint,
    details: { ...details, requestId },
  };
}

/** Errors that Fastify throws by itself, by its code; the rest go by their status. */
const FASTIFY_CODES: Readonly<Record<string, 'BODY_TOO_LARGE'>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
};

/** An error of Fastify that blames the request → a MayflyError; null: it is none of those. */
export function fromFastify(thrown: unknown): MayflyError | null {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return null;
  const status = Number(thrown.statusCode);
  if (!(status >= 400 && status < 500)) return null;
  const code = 'code' in thrown ? FASTIFY_CODES[String(thrown.code)] : undefined;
  if (code !== undefined) return new MayflyError(code, 'The body is larger than this request may have.');
  return new MayflyError('BAD_REQUEST', thrown.message, { cause: thrown });
}
