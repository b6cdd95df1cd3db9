import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildApp } from '../../../src/build/app-builder.ts';
import { loadApp } from '../../../src/build/app-loader.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-projects-'));
after(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
function folderOf(files: Readonly<Record<string, string>>): string {
  made += 1;
  const folder = join(root, String(made));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const serverless = (custom: string, value: string) => ({
  'index.js': 'exports.handler = async () => 1;',
  'serverless.yml': `service: x
provider: { name: aws, runtime: nodejs24.x }
custom:
${custom}
functions:
  f: { handler: index.handler, environment: { A: "${value}" } }
`,
});
/** Each of twelve lines names the one before it ten times. */
const doubling = (line: (before: string) => string) =>
  [
    '  a0: laugh',
    ...Array.from({ length: 11 }, (_, at) => `  a${at + 1}: ${line(`\${self:custom.a${at}}`)}`),
  ].join('\n');
const ten = (what: string) => Array.from({ length: 10 }, () => what);

describe('a project that grows when it is read', () => {
  const aliases = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefgh'].map((name, at) => `${name}: &${name} [${ten(`*${'abcdefgh'[at]}`).join(', ')}]`),
  ].join('\n');
  const projects: Readonly<Record<string, readonly [Readonly<Record<string, string>>, RegExp]>> = {
    'by variables in texts': [
      serverless(
        doubling((before) => `"${ten(before).join('')}"`),
        `\${self:custom.a11}`,
      ),
      /a text of more than 100000 characters/,
    ],
    'by variables in lists': [
      serverless(
        doubling((before) => `[${ten(`"${before}"`).join(', ')}]`),
        `\${self:custom.a11}`,
      ),
      /more than 200000 values/,
    ],
    'by aliases of YAML': [
      { 'stack.yml': `provider: { name: openfaas }\nfunctions: {}\n${aliases}\n` },
      /alias/,
    ],
    'by aliases in our own file': [{ 'mayfly.yaml': `functions: {}\n${aliases}\n` }, /alias/],
    'by aliases of CloudFormation': [
      serverless(`  ${aliases.replaceAll('\n', '\n  ')}`, 'x'),
      /more than 100000 values/,
    ],
    'in depth': [
      { 'mayfly.yaml': `functions: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n` },
      /mayfly\.yaml/,
    ],
  };
  for (const [how, [files, message]] of Object.entries(projects)) {
    test(`${how} is refused with a reason`, async () => {
      await assert.rejects(loadApp(folderOf(files), { env: {} }), { code: 'CONFIG_INVALID', message });
    });
  }
});

describe('a project that wants files which are none of its own', () => {
  test('reads no pipe and no device, which might never end', async () => {
    const folder = folderOf(serverless('  x: 1', `\${file(./pipe), file(/dev/zero), 'neither'}`));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { functions } = await loadApp(folder, { env: {} });
    assert.deepEqual(
      functions.map(({ env }) => env),
      [{ A: 'neither' }],
    );
  });

  test('ships none', async () => {
    const outside = {
      'mayfly.yaml': 'functions:\n  f: { handler: ../../../../etc/hostname.js }\n',
    };
    const folder = folderOf(outside);
    await assert.rejects(
      loadApp(folder, { env: {} }).then((app) => buildApp(app)),
      { message: /outside the app's folder/ },
    );
    const included = folderOf({
      'x.js': 'export default () => 1',
      'mayfly.yaml': 'functions:\n  f: { handler: x.js, include: ["../**", "/etc/*"] }\n',
    });
    await assert.rejects(
      loadApp(included, { env: {} }).then((app) => buildApp(app)),
      { message: /"\.\.\/\*\*" names no file in the app's folder\n.*"\/etc\/\*" names no file/ },
    );
  });
});
