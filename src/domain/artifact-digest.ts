import { createHash } from 'node:crypto';

/** The part of a file's description that names its content; see `ArtifactFile` in ports. */
interface DigestedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: number;
}

/**
 * The name of an artifact: SHA-256 (hex) over the canonical JSON of its file list. Canonical: sorted by path (by code
 * unit), each file an object with the keys `bytes, mode, path, sha256` in that order, no white space.
 */
export function artifactDigest(files: readonly DigestedFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const canonical = sorted.map(({ bytes, mode, path, sha256 }) => ({ bytes, mode, path, sha256 }));
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
