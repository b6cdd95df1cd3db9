import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { provideModule } from './host-modules.ts';

test('a provided module is there for import and for require, under all ways of writing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-host-modules-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const value = { app: { name: 'app' }, 'odd-name': 1, version: '4' };
  provideModule('@vendor/sdk', value);
  provideModule('@vendor/other', { ok: true });

  writeFileSync(
    join(folder, 'module.mjs'),
    `import whole, { app, version } from '@vendor/sdk';
     import * as all from '@vendor/sdk';
     import { ok } from '@vendor/other';
     export { whole, app, version, all, ok };
     export const late = (await import('@vendor/sdk')).app;`,
  );
  const module = await import(pathToFileURL(join(folder, 'module.mjs')).href);
  assert.equal(module.whole, value);
  assert.deepEqual([module.app, module.version, module.ok], [value.app, '4', true]);
  assert.equal(module.all['odd-name'], 1);
  assert.equal(module.late, value.app);

  writeFileSync(
    join(folder, 'script.cjs'),
    `const { app } = require('@vendor/sdk'); module.exports = [app, require('@vendor/sdk')];`,
  );
  const [app, whole] = createRequire(join(folder, 'x.cjs'))('./script.cjs');
  assert.equal(app, value.app);
  assert.equal(whole, value);

  writeFileSync(join(folder, 'lost.mjs'), `import '@vendor/unknown';`);
  await assert.rejects(import(pathToFileURL(join(folder, 'lost.mjs')).href), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
});
