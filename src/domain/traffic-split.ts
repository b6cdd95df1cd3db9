import { type CanaryTrack, WEIGHT_MAX } from './snapshot.ts';

/**
 * Where a client stands in the draw of one canary, 0 to 9,999: evenly spread over the keys, the same for ever for the same
 * two texts, and unrelated between canaries. FNV-1a over the UTF-16 code units, then the finalizer of MurmurHash3, without
 * which similar keys (addresses of one network) would stand side by side.
 */
export function bucketOf(canary: string, key: string): number {
  const salted = fold(fold(0x811c9dc5, canary) ^ 0xffff, key);
  let hash = salted ^ (salted >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % WEIGHT_MAX;
}

/** Raising the weight only adds clients to the canary: whoever was on its side stays there. */
export function isForCanary({ weight }: Pick<CanaryTrack, 'weight'>, bucket: number): boolean {
  return bucket < weight;
}

function fold(hash: number, text: string): number {
  let folded = hash;
  for (let i = 0; i < text.length; i++) folded = Math.imul(folded ^ text.charCodeAt(i), 0x01000193);
  return folded;
}
