/** Checks the architecture, or with `--write` renews the graph: `node tools/architecture/main.ts [--root DIR] [--write]`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkArchitecture, writeGraph } from './check.ts';
import { formatViolation } from './violation.ts';

const { values: options } = parseArgs({
  options: {
    root: { type: 'string', default: resolve(import.meta.dirname, '../..') },
    write: { type: 'boolean', default: false },
  },
});

if (options.write) {
  writeGraph(options.root);
} else {
  const { files, violations } = checkArchitecture(options.root);
  for (const violation of violations) console.log(formatViolation(violation));
  const errors = violations.filter(({ severity }) => severity === 'error').length;
  console.log(`${files} files, ${errors} errors, ${violations.length - errors} warnings`);
  process.exitCode = errors === 0 ? 0 : 1;
}
