import type { ReleaseManifest, ResourceManifest } from '../../contract/manifest.ts';

/** What a resource is known by, `KIND NAME`: under another kind it is another resource, and the old one's state is lost. */
export function resourceKey({ kind, name }: ResourceManifest): string {
  return `${kind} ${name}`;
}

/**
 * The declared resources that `after` would destroy where `before` is stable, as `KIND NAME`, sorted. Empty: it only adds, or
 * configures anew. What changes in a resource's configuration is its service's to judge, which knows what is lost by it.
 */
export function lostResources(before: ReleaseManifest, after: ReleaseManifest): string[] {
  const kept = new Set((after.resources ?? []).map(resourceKey));
  const declared = new Set((before.resources ?? []).map(resourceKey));
  return [...declared].filter((key) => !kept.has(key)).sort();
}
