import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Script } from 'node:vm';

/**
 * What Node runs: hands the guest's program to V8, with the code cache that lies beside it. V8 checks that the cache is of this
 * program, this version of V8 and these flags, and compiles as it goes when it is not: a cache is never a reason to fail.
 *
 * With an argument, which no sandbox gives, it makes the cache instead: runs the program until it is warm, so that all that
 * a start needs is compiled, and writes what V8 then has.
 */
type Program = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  file: string,
  folder: string,
  importModule: (url: string) => Promise<unknown>,
) => void;

const file = `${import.meta.dirname}/node.program.js`;
const cacheFile = `${import.meta.dirname}/node-${process.version}-${process.arch}.cache`;
const newCacheFile = process.argv[2];

const script = new Script(readFileSync(file, 'latin1'), {
  filename: file,
  cachedData: newCacheFile === undefined ? readCache() : undefined,
});
const module = { exports: {} as { warmed?: Promise<void> } };
(script.runInThisContext() as Program)(
  module.exports,
  require,
  module,
  file,
  import.meta.dirname,
  (url) => import(url),
);
if (newCacheFile !== undefined) {
  void module.exports.warmed?.then(() => {
    writeFileSync(`${newCacheFile}.new`, script.createCachedData());
    renameSync(`${newCacheFile}.new`, newCacheFile);
  });
}

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cacheFile);
  } catch {
    return undefined;
  }
}
