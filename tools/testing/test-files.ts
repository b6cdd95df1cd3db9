import { globSync } from 'node:fs';

/** Input of tests; a test file inside is run by the test that owns it. */
const NOT_OURS = /(^|\/)(node_modules|fixtures|dist)(\/|$)/;

/**
 * Every test file below `root` whose path contains one of `filters` (all when there is none), in a stable order.
 * Paths are relative to `root`, `/`-separated.
 */
export function findTestFiles(root: string, filters: readonly string[]): string[] {
  const found = globSync('{src,guest,tests,tools,bench,examples}/**/*.test.ts', {
    cwd: root,
    exclude: (path) => NOT_OURS.test(path),
  });
  return found
    .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)))
    .sort();
}
