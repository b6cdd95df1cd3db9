import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { ReleaseManifestSchema } from '../../src/contract/manifest.ts';

const root = join(import.meta.dirname, '../..');
const templates = readdirSync(join(root, 'templates'));

/** App → function → dialect and routes. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'templates/hello': { hello: 'fetch GET /' },
  'templates/lambda': { greet: 'lambda GET /greet' },
  'templates/api': { note: 'fetch GET /notes/:id', notes: 'fetch GET /notes, POST /notes' },
  'examples/quickstart': {
    hello: 'fetch * /hello',
    legacy: 'lambda * /legacy',
    list: 'fetch * /list',
    thumbnail: 'fetch POST /thumbnail',
    wordcount: 'fetch POST /wordcount',
  },
};

test('every template is known here', () => {
  assert.deepEqual(
    Object.keys(EXPECTED)
      .filter((path) => path.startsWith('templates/'))
      .sort(),
    templates.map((name) => `templates/${name}`).sort(),
  );
});

for (const [path, functions] of Object.entries(EXPECTED)) {
  test(`${path} builds as it is`, async () => {
    const built = await buildApp(await loadApp(join(root, path)));
    assert.ok(Check(ReleaseManifestSchema, built.manifest));
    assert.deepEqual(built.warnings, []);
    const actual = built.manifest.functions.map(({ name, dialect, routes }) => {
      const written = routes.map(({ method, pattern }) => `${method} ${pattern}`).join(', ');
      return [name, `${dialect} ${written}`];
    });
    assert.deepEqual(Object.fromEntries(actual), functions);
  });
}
