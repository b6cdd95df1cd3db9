import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AppConfig } from '../../../src/build/app-config.ts';
import { loadApp } from '../../../src/build/app-loader.ts';
import { importProject } from '../../../src/build/project-import.ts';
import { copyFixture, FIXTURES } from './project-reading.ts';

const options = { env: { CUSTOMER: 'Ada', ECHO_FROM: 'here', DIARY_TOKEN: 'x' } };

for (const fixture of FIXTURES) {
  test(`what "mayfly import" writes is the same app: ${fixture}`, async () => {
    await using copy = await copyFixture(fixture);
    const { app, yaml } = await importProject(copy.dir, options);
    assert.ok(app.configFile !== null && yaml.length > 0);
    await rm(app.configFile);
    await writeFile(join(copy.dir, 'mayfly.yaml'), yaml);
    if (app.functions.length > 0) assert.deepEqual(content(await loadApp(copy.dir)), content(app));
  });
}

/** An app without where its parts were found. */
function content({ name, functions }: AppConfig): unknown {
  return {
    name,
    functions: functions.map(({ place: _, handler, ...rest }) => ({ ...rest, handler: handler.text })),
  };
}
