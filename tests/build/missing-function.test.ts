import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder } from './app-folder.ts';

async function suggestionFor(files: Readonly<Record<string, string>>): Promise<string> {
  await using app = await AppFolder.create(files);
  const [problem] = (await app.problems()).list;
  assert.match(problem?.message ?? '', /has no function$/);
  return problem?.suggestion ?? '';
}

test('a folder without a function: what is there says what to write', async () => {
  const server = await suggestionFor({
    'package.json': '{ "scripts": { "start": "NODE_ENV=production node --enable-source-maps ./bin/www" } }',
    'bin/www': '',
  });
  assert.match(server, /handler: bin\/www, dialect: http/);
  const procfile = await suggestionFor({ Procfile: 'web: gunicorn -b :$PORT app:app\n', 'app.py': '' });
  assert.match(procfile, /command: \[sh, -c, "exec gunicorn -b :\$PORT app:app"\]/);
  const file = await suggestionFor({ 'index.js': 'exports.hello = () => 1;' });
  assert.match(file, /the function in index\.js in mayfly\.yaml: .*handler: index\.js/);
  assert.match(await suggestionFor({ 'cut.py': '', 'jest.config.js': '' }), /the function in cut\.py/);
  assert.match(await suggestionFor({ 'README.md': '' }), /^make functions\/hello\.ts/);
});

test('a folder of projects names them', async () => {
  const below = await suggestionFor({
    'one/mayfly.yaml': '',
    'two/wrangler.toml': 'name = "two"\n',
    'three/README.md': '',
  });
  assert.equal(below, 'there are projects in one, two: "mayfly deploy one"');
});
