import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadApp } from '../../src/build/app-loader.ts';
import { runInShell } from './test-shell.ts';

const TEMPLATES = readdirSync(new URL('../../templates', import.meta.url));
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
});
after(() => rmSync(folder, { recursive: true }));

const init = (...words: string[]) => runInShell(['init', ...words], { cwd: folder });

test('init NAME makes a folder of the default template', async () => {
  const result = await init('shop');
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /cd shop\n {2}mayfly dev/);
  assert.equal(readFileSync(join(folder, 'shop', '.gitignore'), 'utf8').split('\n')[0], '.mayfly/');
  assert.equal((await loadApp(join(folder, 'shop'))).name, 'shop');
});

test('a first word that names a template is one', async () => {
  assert.ok(TEMPLATES.includes('lambda'));
  const result = await init('lambda', 'old-one', '--json');
  assert.deepEqual(JSON.parse(result.stdout), {
    template: 'lambda',
    dir: join(folder, 'old-one'),
    files: ['.gitignore', 'functions/greet.mjs', 'mayfly.yaml'],
  });
  assert.equal((await init('hello')).code, 0);
  assert.ok(existsSync(join(folder, 'hello', 'functions', 'hello.ts')));
});

test('every template is an app that loads', async () => {
  for (const template of TEMPLATES) {
    const result = await init(`try-${template}`, '--template', template);
    assert.equal(result.code, 0, result.stderr);
    assert.ok((await loadApp(join(folder, `try-${template}`))).functions.length > 0);
  }
});

test('an unknown template and a folder in use are refused', async () => {
  const unknown = await init('x', '--template', 'helo');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no template "helo"\. Did you mean "hello"\?/);
  assert.equal((await init('lamda', 'y')).code, 2);
  writeFileSync(join(folder, 'file'), '');
  const inUse = await init('.');
  assert.equal(inUse.code, 1);
  assert.match(inUse.stderr, /is not empty.*\[CONFLICT\]/);
});
