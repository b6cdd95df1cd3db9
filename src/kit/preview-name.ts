import { createHash } from 'node:crypto';
import { slug } from './slug.ts';

const HASH_CHARS = 8;
/** A host label, which is `APP--ENVIRONMENT`. */
const LABEL_CHARS_MAX = 63;
/** What is left for readers of a long app's long branch. */
const NAME_CHARS_MIN = 12;
const HASHED = /-[0-9a-f]{8}$/;
/** Environments that no branch but the production branch may mean. */
const RESERVED: ReadonlySet<string> = new Set(['production']);

/**
 * The preview environment of a Git branch, by whichever way it gets there: `checkout-2` → `checkout-2`, `Feature/Login` → `feature-login-3fa9c1d2`.
 *
 * A name that had to be changed gets a part of its hash, and so does a name that looks as if it had one: two branches never share an
 * environment by what was cut or replaced, and nobody can name a branch after somebody else's preview.
 */
export function previewOf(app: string, branch: string): string {
  const most = Math.max(LABEL_CHARS_MAX - app.length - 2, HASH_CHARS + 1 + NAME_CHARS_MIN);
  const plain = slug(branch);
  if (plain === branch && plain.length <= most && !HASHED.test(plain) && !RESERVED.has(plain)) return plain;
  const hash = createHash('sha256').update(branch).digest('hex').slice(0, HASH_CHARS);
  const head = plain.slice(0, most - HASH_CHARS - 1).replace(/-+$/, '');
  return head === '' ? `branch-${hash}` : `${head}-${hash}`;
}
