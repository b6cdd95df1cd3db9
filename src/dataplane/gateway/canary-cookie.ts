import { WEIGHT_MAX } from '../../domain/snapshot.ts';

const NAME = 'mayfly-canary';
/** A browser forgets its side after this, s; a canary that lives longer draws anew for it. */
const MAX_AGE_S = 7 * 24 * 3_600;
const BUCKET = /^(?:0|[1-9][0-9]{0,3})$/;

/** The bucket that a client drew for this canary, by its `cookie` field; null: it has drawn none yet. */
export function bucketIn(cookies: string | undefined, canary: string): number | null {
  if (cookies === undefined || !cookies.includes(NAME)) return null;
  const prefix = `${NAME}=${canary}.`;
  // One of each path that it was set for may come.
  for (const pair of pairsOf(cookies)) {
    if (!pair.startsWith(prefix)) continue;
    const bucket = pair.slice(prefix.length);
    if (BUCKET.test(bucket) && Number(bucket) < WEIGHT_MAX) return Number(bucket);
  }
  return null;
}

/** The `set-cookie` field that keeps a client's bucket. `path`: where the app was addressed, `/` or `/@NAME`. */
export function canaryCookie(canary: string, bucket: number, path: string): string {
  return `${NAME}=${canary}.${bucket}; Path=${path}; Max-Age=${MAX_AGE_S}; HttpOnly; SameSite=Lax`;
}

/** A `cookie` field without the gateway's own, as functions see it; empty: no other was in it. */
export function withoutCanaryCookie(cookies: string): string {
  if (!cookies.includes(NAME)) return cookies;
  return pairsOf(cookies)
    .filter((pair) => !pair.startsWith(`${NAME}=`))
    .join('; ');
}

function pairsOf(cookies: string): string[] {
  return cookies.split(';').map((pair) => pair.trim());
}
