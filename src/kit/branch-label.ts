import { createHash } from 'node:crypto';
import { slug } from './slug.ts';

const HASH_CHARS = 6;
const SLUG_CHARS_MAX = 63;

/**
 * A Git branch as a label of a host name, at most `charsMax` long: `feature/Fast-Cart` → `feature-fast-cart`. A branch too long for that
 * is cut and gets a piece of its SHA-256, so that two that begin alike stay apart. Empty when nothing usable is left.
 */
export function branchLabel(branch: string, charsMax: number): string {
  const label = slug(branch);
  const whole = label.length <= charsMax && branch.length <= SLUG_CHARS_MAX;
  if (label === '' || whole) return label;
  const hash = createHash('sha256').update(branch).digest('hex').slice(0, HASH_CHARS);
  const kept = label.slice(0, Math.max(1, charsMax - HASH_CHARS - 1)).replace(/-+$/, '');
  return `${kept}-${hash}`;
}
