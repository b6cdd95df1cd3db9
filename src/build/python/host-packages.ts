import { readPythonSource } from './python-source.ts';

/** A package whose modules the guest provides. */
interface HostPackage {
  /** At the package index. */
  readonly name: string;
  /** Modules of others that come along when it is installed, and which the guest has in part or not at all. */
  readonly brings: readonly string[];
}

/**
 * Packages whose modules the guest for Python provides to functions of a dialect: installing them would be for nothing, would need a network, and
 * with Flask among what they bring every cold start would be ten times as long.
 */
const HOST_PACKAGES: Readonly<Record<string, readonly HostPackage[]>> = {
  azure: [{ name: 'azure-functions', brings: ['werkzeug', 'markupsafe'] }],
  fn: [{ name: 'fdk', brings: ['iso8601', 'httptools'] }],
  google: [
    { name: 'functions-framework', brings: ['flask', 'werkzeug', 'cloudevents', 'click', 'starlette'] },
  ],
  knative: [{ name: 'parliament-functions', brings: ['flask', 'werkzeug', 'cloudevents'] }],
  nuclio: [{ name: 'nuclio-sdk', brings: [] }],
};

/** `azure-functions>=1.18 ; python_version > "3.8"  # why` → its name. */
const REQUIREMENT = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~;@#(].*)?$/;

/**
 * The packages of a dialect that these modules need not have installed: those that they use nothing of but what the guest provides.
 * @param texts the function's modules
 */
export function hostPackagesFor(dialect: string, texts: Iterable<string>): readonly string[] {
  const candidates = HOST_PACKAGES[dialect] ?? [];
  if (candidates.length === 0) return [];
  const imported = new Set<string>();
  for (const text of texts) {
    for (const module of readPythonSource(text).modules) imported.add(module.split('.')[0] as string);
  }
  return candidates
    .filter(({ brings }) => !brings.some((module) => imported.has(module)))
    .map(({ name }) => name);
}

/** Requirements without these packages. A file with options (`-r`, `--find-links`) stays as it is, for they may mean places beside it. */
export function withoutPackages(text: string, brought: readonly string[]): string {
  if (brought.length === 0 || /^\s*-/m.test(text)) return text;
  const lines = text.split('\n');
  const kept = lines.filter((line) => !brought.includes(nameOf(line)));
  return kept.length === lines.length ? text : kept.join('\n');
}

function nameOf(line: string): string {
  const name = REQUIREMENT.exec(line.trimEnd())?.[1] ?? '';
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
