/** What a folder's package.json asks for before its functions can be bundled. */
export interface PackagePlan {
  /** `npm ci` where a lock file says exactly what, else `npm install`; null: it needs no packages. */
  readonly install: readonly string[] | null;
  /** `npm test`; null: it has no tests. */
  readonly test: readonly string[] | null;
}

const NOTHING: PackagePlan = { install: null, test: null };
const DEPENDENCIES = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'workspaces',
];
/** What `npm init` writes. */
const NO_TEST = /no test specified/;

/** Pure. `text`: package.json, null when there is none. What is no JSON is left to npm and the bundler to complain about. */
export function planPackages(text: string | null, hasLockFile: boolean): PackagePlan {
  const manifest = text === null ? null : objectIn(text);
  if (manifest === null) return NOTHING;
  const needsPackages = DEPENDENCIES.some((key) => !isEmpty(manifest[key]));
  const test = (manifest.scripts as Record<string, unknown> | undefined)?.test;
  const tested = typeof test === 'string' && test.trim() !== '' && !NO_TEST.test(test);
  return {
    install: needsPackages ? ['npm', hasLockFile ? 'ci' : 'install'] : null,
    test: tested ? ['npm', 'test'] : null,
  };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}
