/**
 * Packages whose modules the guest for Python always provides to functions of a dialect, by their names at the package index: installing them
 * would be for nothing, and would need a network.
 */
const HOST_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  azure: ['azure-functions'],
  fn: ['fdk'],
};

/** `azure-functions>=1.18 ; python_version > "3.8"  # why` → its name. */
const REQUIREMENT = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~@;#(].*)?$/;

/**
 * Requirements without those that the guest brings to functions of this dialect. A file with options (`-r`, `--find-links`) stays as it is, for
 * they may mean places beside it.
 */
export function withoutHostPackages(text: string, dialect: string): string {
  const brought = HOST_PACKAGES[dialect] ?? [];
  if (brought.length === 0 || /^\s*-/m.test(text)) return text;
  const lines = text.split('\n');
  const kept = lines.filter((line) => !brought.includes(nameOf(line)));
  return kept.length === lines.length ? text : kept.join('\n');
}

function nameOf(line: string): string {
  const name = REQUIREMENT.exec(line.trimEnd())?.[1] ?? '';
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
