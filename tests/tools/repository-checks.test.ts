import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findDeadReferences } from '../../tools/docs/references.ts';

const tools = resolve(import.meta.dirname, '../../tools');

describe('checks of the repository as a whole', () => {
  let root: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-repository-')));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const run = (tool: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(tools, tool), '--root', root, ...args], { encoding: 'utf8' });

  describe('text', () => {
    beforeEach(() => {
      execFileSync('git', ['init', '--quiet', root]);
      writeFileSync(join(root, 'fine.ts'), "export const path = '/var/task';\n");
    });

    it('passes a repository without anything of this machine', () => {
      const { status, stdout } = run('repository-text.ts');
      assert.equal(status, 0, stdout);
    });

    for (const [what, text, reason] of [
      ['the path of the checkout', () => `const a = '${root}/x';`, 'a path of the machine'],
      ['a home folder', () => `see ${['', 'home', 'ada', 'notes'].join('/')}`, 'a path of the machine'],
      ['a mark of unfinished work', () => `// ${'TO'}${'DO'} later`, 'a mark of unfinished work'],
      ['a test that silences the others', () => `it.${'only'}('x', f);`, 'a test that silences'],
    ] as const) {
      it(`finds ${what}`, () => {
        writeFileSync(join(root, 'planted.ts'), `\n${text()}\n`);
        const { status, stdout } = run('repository-text.ts');
        assert.equal(status, 1);
        assert.match(stdout, new RegExp(`^planted\\.ts:2 \\[text\\] ${reason}`, 'm'));
      });
    }

    it('leaves what git ignores alone', () => {
      writeFileSync(join(root, '.gitignore'), 'ignored.ts\n');
      writeFileSync(join(root, 'ignored.ts'), `// ${root}/x\n`);
      assert.equal(run('repository-text.ts').status, 0);
    });
  });

  describe('documents', () => {
    it('finds a link and a path that lead nowhere, and no others', () => {
      mkdirSync(join(root, 'src/kit'), { recursive: true });
      writeFileSync(join(root, 'src/kit/ids.ts'), '');
      writeFileSync(
        join(root, 'README.md'),
        [
          'See [this](src/kit/ids.ts), [that](docs/GONE.md#part), [there](https://example.org/x).',
          'In `src/kit/ids.ts`, `src/kit/gone.ts`, `src/adapters/YOURS/x.ts`; run `npm test -- src/kit/id`.',
        ].join('\n'),
      );
      assert.deepEqual(findDeadReferences(root), [
        'README.md:1 leads to docs/GONE.md, which is not there.',
        'README.md:2 leads to src/kit/gone.ts, which is not there.',
      ]);
    });
  });

  describe('the lock file', () => {
    const lock = {
      packages: {
        'node_modules/a': {
          version: '1.0.0',
          dev: true,
          optionalDependencies: { '@a/linux-arm64-musl': '1.0.0' },
        },
      },
    };

    it('misses the package of another platform, and adds it', () => {
      const file = join(root, 'package-lock.json');
      writeFileSync(file, JSON.stringify(lock));
      const missed = run('lock-file.ts');
      assert.equal(missed.status, 1);
      assert.match(missed.stdout, /no entry for @a\/linux-arm64-musl/);

      assert.equal(run('lock-file.ts', '--write').status, 0);
      const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, unknown> };
      assert.deepEqual(packages['node_modules/@a/linux-arm64-musl'], {
        version: '1.0.0',
        dev: true,
        optional: true,
        cpu: ['arm64'],
        os: ['linux'],
        libc: ['musl'],
      });
      assert.equal(run('lock-file.ts').status, 0);
    });
  });
});
