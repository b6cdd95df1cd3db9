/**
 * Checks that package-lock.json names every optional package of every platform; with `--write`, adds the missing ones.
 *
 * Packages with native parts come as one optional package a platform. Where npm cannot see one of them while it writes
 * the lock file, because of a node_modules that is already there or of a registry that does not carry it, it leaves it
 * out, and `npm ci` then refuses the lock file. What such an entry must say follows from its name: where it is of use.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Entry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { values: options } = parseArgs({
  options: {
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
    write: { type: 'boolean', default: false },
  },
});
const path = join(options.root, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
const missing = Object.values(lock.packages).flatMap((entry) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !Object.keys(lock.packages).some((key) => key.endsWith(`node_modules/${name}`)))
    .map(([name, range]) => ({ name, entry: entryOf(name, range, entry.dev === true) })),
);

if (options.write) {
  for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry;
  const sorted = Object.entries(lock.packages).sort(([one], [other]) => one.localeCompare(other, 'en'));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
} else if (missing.length > 0) {
  for (const { name } of missing) console.log(`package-lock.json has no entry for ${name}.`);
  console.log('Run "node tools/lock-file.ts --write".');
  process.exitCode = 1;
}

/** `@img/sharp-darwin-arm64` → an entry that only a Mac with ARM installs. */
function entryOf(name: string, range: string, dev: boolean): Record<string, unknown> {
  const words = name.split(/[/-]/);
  const pick = (known: readonly string[]): string[] | undefined => {
    const found = known.filter((word) => words.includes(word));
    return found.length === 0 ? undefined : found;
  };
  const isMusl = words.some((word) => word.includes('musl'));
  return {
    version: range.replace(/^[^\d]*/, ''),
    ...(dev ? { dev } : {}),
    optional: true,
    cpu: pick(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']),
    os: pick([
      'aix',
      'android',
      'darwin',
      'freebsd',
      'linux',
      'netbsd',
      'openbsd',
      'openharmony',
      'sunos',
      'win32',
    ]),
    ...(isMusl ? { libc: ['musl'] } : {}),
  };
}
