import { type ErrorCode, MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';

/** Why a call that waited gets no instance, told to whoever made it. `cause`: what made the last start fail, if that is why. */
export function rejection(
  version: FunctionVersion,
  code: ErrorCode,
  retryAfterMs: number,
  cause: MayflyError | null,
): MayflyError {
  const details = retryAfterMs > 0 ? { retryAfterMs } : undefined;
  return new MayflyError(code, cause?.message ?? rejectionMessage(version, code), { cause, details });
}

function rejectionMessage({ name, limits }: FunctionVersion, code: ErrorCode): string {
  if (code === 'QUEUE_FULL') return `"${name}" has ${limits.queueMax} calls waiting already.`;
  if (code === 'QUEUE_TIMEOUT') return `"${name}" had no free instance within ${limits.queueTimeoutMs} ms.`;
  return `"${name}" takes no calls now.`;
}
