import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownSources } from './asset-plugin.ts';

test("an app's own sources are told from packages without look-ahead", () => {
  const own = [
    '/a.ts',
    '/app/b.js',
    '/app/node/c.mjs',
    '/app/node_modulesx/d.cts',
    '/x/node_module/e.tsx',
    '/n/no/f.jsx',
  ];
  for (const path of own) assert.match(path, ownSources('/app'));
  const others = [
    '/app/node_modules/x/a.js',
    '/node_modules/a.ts',
    '/app/node_modules/x/node_modules/y/a.js',
    '/app/a.json',
    '/app/a.wasm',
    '/app/a.ts/',
  ];
  for (const path of others) assert.doesNotMatch(path, ownSources('/app'));
});

test('an app that lies in a package has sources of its own, and packages of its own', () => {
  const inside = ownSources('/x/node_modules/m (1)/app');
  assert.match('/x/node_modules/m (1)/app/a.ts', inside);
  assert.doesNotMatch('/x/node_modules/m (1)/app/node_modules/p/a.js', inside);
  assert.doesNotMatch('/x/node_modules/other/a.ts', inside);
});
