import type { HttpCall } from '../../../../src/contract/guest-messages.ts';

let warned = false;

/**
 * Whether a call may reach a function of this `authLevel`. Keys are those of MAYFLY_AZURE_KEYS, separated by commas, as
 * `x-functions-key` or `?code=`; without that variable there are none, and what asks for one is closed: the author did not
 * want it open to everybody.
 */
export function isAllowed(authLevel: unknown, http: HttpCall): boolean {
  if (typeof authLevel !== 'string' || authLevel.toLowerCase() === 'anonymous') return true;
  const keys = process.env.MAYFLY_AZURE_KEYS;
  if (keys === undefined || keys === '') {
    if (!warned) globalThis.console.warn(NO_KEYS);
    warned = true;
    return false;
  }
  const shown = keyOf(http);
  return shown !== null && keys.split(',').some((key) => key.trim() === shown);
}

const NO_KEYS =
  'A function with an authLevel other than "anonymous" is closed until it has keys: mayfly secret set MAYFLY_AZURE_KEYS';

function keyOf({ headers, url }: HttpCall): string | null {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === 'x-functions-key') return headers[at + 1]!;
  }
  return url.includes('code=') ? new URL(url).searchParams.get('code') : null;
}
