import type { HttpCall } from '../../../../src/contract/guest-messages.ts';

/**
 * Whether a call may reach a function of this `authLevel`. Keys are those of MAYFLY_AZURE_KEYS, separated by commas, as
 * `x-functions-key` or `?code=`; without that variable there are no keys and every call may.
 */
export function isAllowed(authLevel: unknown, http: HttpCall): boolean {
  const keys = process.env.MAYFLY_AZURE_KEYS;
  if (keys === undefined || keys === '' || typeof authLevel !== 'string') return true;
  if (authLevel.toLowerCase() === 'anonymous') return true;
  const shown = keyOf(http);
  return shown !== null && keys.split(',').some((key) => key.trim() === shown);
}

function keyOf({ headers, url }: HttpCall): string | null {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === 'x-functions-key') return headers[at + 1]!;
  }
  return url.includes('code=') ? new URL(url).searchParams.get('code') : null;
}
