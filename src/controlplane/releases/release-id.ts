import { createHash } from 'node:crypto';
import type { ReleaseManifest } from '../../contract/manifest.ts';
import { canonicalJson } from '../../kit/canonical-json.ts';

const ID_HEX_DIGITS = 12;

/** `r-` and the first 12 hex digits of the SHA-256 over the manifest, whatever order its keys were written in. */
export function releaseIdOf(manifest: ReleaseManifest): string {
  return `r-${createHash('sha256').update(canonicalJson(manifest)).digest('hex').slice(0, ID_HEX_DIGITS)}`;
}
