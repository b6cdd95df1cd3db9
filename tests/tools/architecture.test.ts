import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { checkArchitecture, writeGraph } from '../../tools/architecture/check.ts';
import { ROOMS } from '../../tools/architecture/table.ts';

const main = resolve(import.meta.dirname, '../../tools/architecture/main.ts');

/** Each plants one violation into a house that is in order, and names where it must be found. */
const PLANTED: readonly {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly found: { readonly file: string; readonly line: number; readonly rule: string };
}[] = [
  {
    what: 'a layer that imports upwards',
    files: { 'src/domain/planted.ts': "// why\nimport '../dataplane/gateway/sample.ts';\n" },
    found: { file: 'src/domain/planted.ts', line: 2, rule: 'layer' },
  },
  {
    what: 'a type import that the table forbids',
    files: {
      'src/kit/planted.ts':
        "import type { sample } from '../domain/sample.ts';\nexport type S = typeof sample;\n",
    },
    found: { file: 'src/kit/planted.ts', line: 1, rule: 'layer' },
  },
  {
    what: 'a dynamic import that the table forbids',
    files: { 'src/contract/planted.ts': "export const load = () =>\n  import('../kit/sample.ts');\n" },
    found: { file: 'src/contract/planted.ts', line: 2, rule: 'layer' },
  },
  {
    what: 'a re-export that the table forbids',
    files: { 'src/ports/planted.ts': "export * from '../dataplane/gateway/sample.ts';\n" },
    found: { file: 'src/ports/planted.ts', line: 1, rule: 'layer' },
  },
  {
    what: 'the data plane importing the control plane',
    files: { 'src/dataplane/gateway/planted.ts': "import '../../controlplane/api/sample.ts';\n" },
    found: { file: 'src/dataplane/gateway/planted.ts', line: 1, rule: 'layer' },
  },
  {
    what: 'an import against the direction of the data plane',
    files: { 'src/dataplane/scheduler/planted.ts': "import '../dispatch/sample.ts';\n" },
    found: { file: 'src/dataplane/scheduler/planted.ts', line: 1, rule: 'layer' },
  },
  {
    what: 'an adapter importing a sibling',
    files: { 'src/adapters/other/planted.ts': "import '../sample/sample.ts';\n" },
    found: { file: 'src/adapters/other/planted.ts', line: 1, rule: 'layer' },
  },
  {
    what: 'a command importing a file of the domain other than the error table',
    files: {
      'src/domain/errors.ts': 'export const errors = 1;\n',
      'src/cli/planted.ts': "import '../domain/errors.ts';\nimport '../domain/sample.ts';\n",
    },
    found: { file: 'src/cli/planted.ts', line: 2, rule: 'layer' },
  },
  {
    what: 'a package in the guest',
    files: { 'guest/node/planted.ts': "import 'left-pad';\n" },
    found: { file: 'guest/node/planted.ts', line: 1, rule: 'power' },
  },
  {
    what: 'files in the domain',
    files: { 'src/domain/planted.ts': "import { readFileSync } from 'node:fs';\nreadFileSync('a');\n" },
    found: { file: 'src/domain/planted.ts', line: 1, rule: 'power' },
  },
  {
    what: 'a built-in without its prefix',
    files: { 'src/dataplane/gateway/planted.ts': "import 'child_process';\n" },
    found: { file: 'src/dataplane/gateway/planted.ts', line: 1, rule: 'power' },
  },
  {
    what: 'HTTP outside the rooms that speak it',
    files: { 'src/dataplane/dispatch/planted.ts': "import 'node:http';\n" },
    found: { file: 'src/dataplane/dispatch/planted.ts', line: 1, rule: 'power' },
  },
  {
    what: 'SQL outside adapters',
    files: {
      'src/controlplane/api/planted.ts': 'export const q = () =>\n  `SELECT a FROM t WHERE id = ?`;\n',
    },
    found: { file: 'src/controlplane/api/planted.ts', line: 2, rule: 'power' },
  },
  ...[
    'Date.now()',
    'new Date()',
    'performance.now()',
    'process.hrtime()',
    'Math.random()',
    'setTimeout(() => 1, 1)',
    '[setInterval]',
  ].map((expression) => ({
    what: `${expression} in the scheduler`,
    files: { 'src/dataplane/scheduler/planted.ts': `\nexport const value = ${expression};\n` },
    found: { file: 'src/dataplane/scheduler/planted.ts', line: 2, rule: 'power' },
  })),
  {
    what: 'random bytes in the domain',
    files: {
      'src/domain/planted.ts':
        "import { createHash, randomUUID } from 'node:crypto';\nexport const x = [createHash, randomUUID];\n",
    },
    found: { file: 'src/domain/planted.ts', line: 1, rule: 'power' },
  },
  {
    what: 'the environment outside the configuration',
    files: { 'src/dataplane/gateway/planted.ts': 'export const port = process.env.MAYFLY_PORT;\n' },
    found: { file: 'src/dataplane/gateway/planted.ts', line: 1, rule: 'power' },
  },
  {
    what: 'a cycle of type imports',
    files: {
      'src/domain/a-planted.ts': "\nimport type { B } from './b-planted.ts';\nexport type A = B | 1;\n",
      'src/domain/b-planted.ts': "import type { A } from './a-planted.ts';\nexport type B = A | 2;\n",
    },
    found: { file: 'src/domain/a-planted.ts', line: 2, rule: 'cycle' },
  },
  {
    what: 'a circle of rooms without a circle of files',
    files: {
      'src/controlplane/a/one.ts': "import '../b/one.ts';\n",
      'src/controlplane/b/one.ts': 'export {};\n',
      'src/controlplane/b/two.ts': "import '../a/two.ts';\n",
      'src/controlplane/a/two.ts': 'export {};\n',
    },
    found: { file: 'src/controlplane/a/one.ts', line: 1, rule: 'room-cycle' },
  },
  {
    what: 'a file over the limit',
    files: { 'src/domain/planted.ts': 'export {};\n'.repeat(501) },
    found: { file: 'src/domain/planted.ts', line: 500, rule: 'length' },
  },
  {
    what: 'a file name that is not kebab-case',
    files: { 'src/domain/PlantedThing.ts': 'export {};\n' },
    found: { file: 'src/domain/PlantedThing.ts', line: 1, rule: 'name' },
  },
  {
    what: 'a file that is a dump',
    files: { 'src/domain/string-utils.ts': 'export {};\n' },
    found: { file: 'src/domain/string-utils.ts', line: 1, rule: 'name' },
  },
  {
    what: 'a folder that no row covers',
    files: { 'src/attic/planted.ts': 'export {};\n' },
    found: { file: 'src/attic/planted.ts', line: 1, rule: 'room' },
  },
  {
    what: 'a graph that is not the one of the code',
    files: { 'src/domain/planted.ts': "import '../kit/sample.ts';\n", 'docs/ARCHITECTURE.md': document() },
    found: { file: 'docs/ARCHITECTURE.md', line: 1, rule: 'graph' },
  },
];

describe('the architecture check', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-architecture-'));
    for (const row of ROOMS) plant(sampleFile(row.path), 'export const sample = 1;\n');
    plant('docs/ARCHITECTURE.md', document());
    writeGraph(root);
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it('passes a house that is in order', () => {
    assert.deepEqual(checkArchitecture(root).violations, []);
  });

  it('lets a name that only looks like a clock pass', () => {
    plant(
      'src/domain/planted.ts',
      'export const at = (clock: { setTimeout: () => void }) => [clock.setTimeout, new Date(0), { setInterval: 1 }];\n',
    );
    assert.deepEqual(checkArchitecture(root).violations, []);
  });

  it('lets what touches nothing of a built-in pass', () => {
    plant(
      'src/domain/planted.ts',
      "import type { Socket } from 'node:net';\nimport { isIP } from 'node:net';\nexport const ip = (s: Socket) => isIP(String(s));\n",
    );
    assert.deepEqual(checkArchitecture(root).violations, []);
  });

  it('lets a test beside its subject use what the subject may not', () => {
    plant('src/domain/planted.test.ts', "import 'node:fs';\nsetTimeout(() => Date.now(), 1);\n");
    assert.deepEqual(checkArchitecture(root).violations, []);
  });

  it('only warns where a file gets long', () => {
    plant('src/domain/planted.ts', 'export {};\n'.repeat(301));
    const [violation, ...others] = checkArchitecture(root).violations;
    assert.deepEqual(others, []);
    assert.equal(violation?.severity, 'warning');
    assert.equal(violation?.file, 'src/domain/planted.ts');
  });

  it('finds a room that has lost its last file', () => {
    rmSync(join(root, 'src/kit'), { recursive: true });
    const rules = checkArchitecture(root).violations.map(({ rule, message }) => `${rule}: ${message}`);
    assert.ok(
      rules.some((text) => text.startsWith('room: src/kit has no file')),
      rules.join('\n'),
    );
  });

  for (const { what, files, found } of PLANTED) {
    it(`finds ${what}`, () => {
      for (const [path, text] of Object.entries(files)) plant(path, text);
      if (found.rule !== 'graph') writeGraph(root);
      const errors = checkArchitecture(root).violations.filter(({ severity }) => severity === 'error');
      assert.deepEqual(
        errors.map(({ file, line, rule }) => ({ file, line, rule })),
        [found],
      );
    });
  }

  it('exits non-zero and prints file, line and rule', () => {
    plant('src/domain/planted.ts', "\nimport 'node:fs';\n");
    const failed = spawnSync(process.execPath, [main, '--root', root], { encoding: 'utf8' });
    assert.equal(failed.status, 1);
    assert.match(failed.stdout, /^src\/domain\/planted\.ts:2 \[power\] src\/domain has no power over "io"/m);

    rmSync(join(root, 'src/domain/planted.ts'));
    const passed = spawnSync(process.execPath, [main, '--root', root], { encoding: 'utf8' });
    assert.equal(passed.status, 0, passed.stdout);
  });
});

function sampleFile(room: string): string {
  return room.endsWith('.ts') ? room : `${room.replace('*', 'sample')}/sample.ts`;
}

function document(): string {
  return '# Architecture\n\n<!-- generated:graph -->\n<!-- /generated:graph -->\n';
}
