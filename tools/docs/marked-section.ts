/**
 * Parts of documents that are generated stand between two comments that a reader does not see:
 * `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`.
 */
export function readSection(document: string, name: string): string | null {
  const bounds = findBounds(document, name);
  return bounds === null ? null : document.slice(bounds.from, bounds.to).trim();
}

/** The document with the section's content replaced. @throws Error when it has no such section. */
export function replaceSection(document: string, name: string, content: string): string {
  const bounds = findBounds(document, name);
  if (bounds === null) throw new Error(`The document has no section "${name}" (<!-- generated:${name} -->).`);
  return `${document.slice(0, bounds.from)}\n${content.trim()}\n${document.slice(bounds.to)}`;
}

function findBounds(document: string, name: string): { from: number; to: number } | null {
  const begin = `<!-- generated:${name} -->`;
  const at = document.indexOf(begin);
  const to = document.indexOf(`<!-- /generated:${name} -->`);
  return at === -1 || to < at ? null : { from: at + begin.length, to };
}
