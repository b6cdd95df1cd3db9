import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveLinks, type StagedFile } from './zip-entries.ts';

const staged = (path: string): StagedFile => ({ path, sha256: path, bytes: 1, mode: 0o644, staged: path });
const filesOf = (paths: readonly string[]) => new Map(paths.map((path) => [path, staged(path)]));

test('a link to a folder is a copy of what is in it and nothing else', () => {
  const name = fc.constantFrom('a', 'ab', 'a-b', 'a.b', 'b', 'é', '～');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), path, (paths, target) => {
      const below = paths.filter((each) => each.startsWith(`${target}/`));
      const resolve = () => resolveLinks(filesOf(paths), [{ path: 'z/link', target: `../${target}` }], 100);
      if (below.length === 0 && !paths.includes(target)) return assert.throws(resolve, /leads nowhere/);
      const copies = resolve().filter((file) => file.path.startsWith('z/link'));
      const own = paths.includes(target) ? ['z/link'] : [];
      const expected = [...own, ...below.map((each) => `z/link${each.slice(target.length)}`)];
      assert.deepEqual(copies.map((file) => file.path).sort(), expected.sort());
      for (const copy of copies) assert.equal(copy.sha256, `${target}${copy.path.slice('z/link'.length)}`);
    }),
  );
});

test('as many links as files are no more work than either', () => {
  const paths = Array.from({ length: 10_000 }, (_, at) => `a/folder/that/all/share/${at}`);
  const links = paths.map((target, at) => ({ path: `link-${at}`, target }));
  assert.equal(resolveLinks(filesOf(paths), links, 20_000).length, 20_000);
  assert.throws(() => resolveLinks(filesOf(paths), links, 19_999), /more than 19999 files/);
});
