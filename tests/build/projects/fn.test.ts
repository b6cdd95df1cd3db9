import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder } from '../app-folder.ts';
import { readFixture, readFolder, WHOLE_FOLDER } from './project-reading.ts';

test('app.yaml is an app of every func.yaml below it', async () => {
  const project = await readFixture('fn');
  assert.deepEqual([project.tool, project.file], ['Fn Project', 'app.yaml']);
  assert.deepEqual(project.app, {
    name: 'parcels',
    env: { DEPOT: 'Lyon' },
    functions: {
      weigh: {
        handler: 'func.js',
        include: WHOLE_FOLDER,
        runtime: 'nodejs24',
        dialect: 'fn',
        memory: 256,
        timeout: 45_000,
        keepAlive: 60_000,
        env: { UNIT: 'kg' },
        routes: ['/weigh', '/t/:app/weigh', 'POST /invoke/weigh'],
      },
      label: {
        handler: 'label.js',
        root: 'label',
        include: WHOLE_FOLDER,
        runtime: 'nodejs24',
        dialect: 'fn',
        routes: ['/print', 'POST /invoke/label'],
      },
    },
  });
});

test('what an app of Fn asks for and there is not is told', async () => {
  const { about, said } = await readFixture('fn');
  assert.match(about('triggers[1].type')[0] ?? '', /^ignored Mayfly has no trigger of the type "clock"/);
  assert.match(about('expects.config[0].name')[0] ?? '', /expects SCALE_KEY, which nothing here sets/);
  assert.deepEqual(about('expects.config[1].name'), [], 'app.yaml sets it');
  assert.match(about('build')[0] ?? '', /run these before mayfly deploy/);
  assert.match(about('syslog_url')[0] ?? '', /^ignored /);
  assert.equal(said.filter((each) => /does not know this key/.test(each)).length, 0);
});

test("a func.yaml is Fn's or Knative's by its keys; an app.yaml may be somebody else's", async () => {
  await using alone = await AppFolder.create({
    'func.yaml': 'name: one\nversion: 0.0.1\nruntime: docker\nentrypoint: node one.js\n',
    'one.js': "require('@fnproject/fdk').handle(() => 1);",
  });
  const one = await readFolder(alone.dir);
  assert.equal(one.tool, 'Fn Project');
  assert.deepEqual([one.app.name, one.function('one').handler], ['one', 'one.js']);
  assert.match(one.about('runtime')[0] ?? '', /no image is built/);

  await using knative = await AppFolder.create({
    'func.yaml': 'specVersion: 0.36.0\nname: two\nruntime: node\n',
    'app.yaml': 'runtime: nodejs20\n',
    'index.js': 'exports.handle = () => 1;',
  });
  assert.equal((await readFolder(knative.dir)).tool, 'Knative Functions');
});

test('a function in a language that Mayfly does not build is refused with a way out', async () => {
  await using folder = await AppFolder.create({
    'func.yaml': 'schema_version: 20180708\nname: go\nruntime: go\nentrypoint: ./func\n',
  });
  const { findings } = await readFolder(folder.dir);
  const [blocked] = findings.filter(({ severity }) => severity === 'blocks');
  assert.match(blocked?.means ?? '', /neither builds nor loads "go"/);
  assert.match(blocked?.suggestion ?? '', /runtime: provided/);
});
