import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildApp } from '../../../src/build/app-builder.ts';
import { loadApp } from '../../../src/build/app-loader.ts';
import { importProject } from '../../../src/build/project-import.ts';
import { AppFolder } from '../app-folder.ts';
import { SAM_FIXTURES } from './sam-fixtures.ts';
import { SERVERLESS_FIXTURES } from './serverless-fixtures.ts';

suite('an imported project is the same release as the original', () => {
  for (const { name, files, options = {} } of [...SERVERLESS_FIXTURES, ...SAM_FIXTURES]) {
    test(name, async () => {
      await using app = await AppFolder.create(files);
      const original = await buildApp(await loadApp(app.dir, options));
      const { yaml } = await importProject(app.dir, options);
      await app.write({ 'mayfly.yaml': yaml });
      const config = await loadApp(app.dir);
      assert.equal(config.project, null);
      const imported = await buildApp(config);
      assert.deepEqual(imported.manifest, original.manifest);
      assert.deepEqual(imported.artifacts, original.artifacts);
    });
  }
});
