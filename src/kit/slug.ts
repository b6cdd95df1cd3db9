/**
 * Any text as a name that a host label can carry: lower-case letters, digits and inner hyphens, at most 63.
 * `My App (2)` → `my-app-2`, `getUser` → `get-user`; empty when nothing usable is left.
 */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}
