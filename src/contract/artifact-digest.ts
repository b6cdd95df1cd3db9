import { createHash } from 'node:crypto';

interface NamedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: number;
}

/**
 * The name of an artifact: SHA-256 (hex) of the canonical JSON of its file list. Canonical means: sorted by path
 * (UTF-16 code units), each file an object with the keys `path, sha256, bytes, mode` in this order, no white space.
 * The build and the node both call this, so that equal code has an equal name everywhere.
 */
export function artifactDigest(files: readonly NamedFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const canonical = sorted.map(({ path, sha256, bytes, mode }) => ({ path, sha256, bytes, mode }));
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
