import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { PREVIEW_NAME } from '../../src/cli/ci-workflows.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { SETTINGS } from '../../src/config.ts';
import { runInShell } from './test-shell.ts';

interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface GithubWorkflow {
  readonly on: { readonly push: object; readonly delete: null };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly if: string; readonly steps: readonly Step[] }>>;
}
interface GitlabJob {
  readonly stage: string;
  readonly rules?: readonly { readonly if: string; readonly when?: string }[];
  readonly environment?: { readonly name: string; readonly on_stop?: string; readonly action?: string };
  readonly variables?: Readonly<Record<string, string>>;
  readonly script: readonly string[];
}

describe('mayfly ci init', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-ci-'));
  mkdirSync(join(folder, 'functions'));
  writeFileSync(join(folder, 'functions', 'hello.ts'), 'export default () => 1;\n');
  writeFileSync(join(folder, 'mayfly.yaml'), 'name: shop\n');
  after(() => rmSync(folder, { recursive: true }));
  const init = (...words: string[]) => runInShell(['ci', 'init', ...words], { cwd: folder });

  it('writes a GitHub workflow: test, deploy, previews, and their end', async () => {
    const result = await init('--branch', 'trunk');
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /\.github\/workflows\/mayfly\.yml/);
    const text = readFileSync(join(folder, '.github/workflows/mayfly.yml'), 'utf8');
    const workflow = parse(text) as GithubWorkflow;
    assert.deepEqual(Object.keys(workflow.on), ['push', 'delete']);
    assert.deepEqual(workflow.permissions, { contents: 'read' });
    const deploy = workflow.jobs.deploy!;
    const step = (name: string) => deploy.steps.find((each) => each.name === name)!;
    assert.equal(deploy.if, "github.event_name == 'push'");
    assert.match(step('Install').run!, /npm ci/);
    assert.match(step('Test').run!, /npm test/);
    assert.equal(step('Deploy to production').if, "github.ref == 'refs/heads/trunk'");
    assert.match(step('Deploy to production').run!, /mayfly deploy --message/);
    assert.equal(step('Deploy a preview').if, "github.ref != 'refs/heads/trunk'");
    assert.match(step('Deploy a preview').run!, /mayfly deploy --preview "\$NAME"/);
    const removal = workflow.jobs['remove-preview']!;
    assert.match(removal.if, /github\.event_name == 'delete'/);
    assert.match(removal.steps.at(-1)!.run!, /mayfly preview remove "\$NAME" --app shop --yes/);
  });

  it('puts neither tokens nor names of branches into scripts, and tokens only into steps that deploy', () => {
    const workflow = parse(
      readFileSync(join(folder, '.github/workflows/mayfly.yml'), 'utf8'),
    ) as GithubWorkflow;
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
    const holders = steps.filter(({ env }) => env?.MAYFLY_TOKEN !== undefined);
    assert.equal(holders.length, 3);
    for (const { run } of holders) assert.match(run!, /npx --yes mayfly (deploy|preview remove)/);
  });

  it('writes a GitLab pipeline with the same', async () => {
    const result = await init('gitlab', '--json');
    assert.equal(result.code, 0, result.stderr);
    assert.equal((JSON.parse(result.stdout) as { app: string }).app, 'shop');
    const text = readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8');
    const jobs = parse(text) as Readonly<Record<string, GitlabJob>>;
    assert.deepEqual(jobs.stages, ['test', 'deploy']);
    assert.match(jobs.test!.script.join('\n'), /npm ci[\s\S]*npm test/);
    assert.equal(jobs.production!.rules![0]!.if, '$CI_COMMIT_BRANCH == "main"');
    assert.match(jobs.production!.script.at(-1)!, /mayfly deploy --message/);
    assert.equal(jobs.preview!.environment!.on_stop, 'remove-preview');
    assert.match(jobs.preview!.script.at(-1)!, /mayfly deploy --preview "\$NAME"/);
    const removal = jobs['remove-preview']!;
    assert.deepEqual([removal.environment!.action, removal.rules![0]!.when], ['stop', 'manual']);
    assert.equal(removal.variables!.GIT_STRATEGY, 'none');
    assert.match(removal.script.at(-1)!, /mayfly preview remove "\$NAME" --app shop --yes/);
  });

  it('uses only commands and flags that exist', () => {
    const program = createProgram({ host: { settings: SETTINGS } } as unknown as Shell);
    for (const file of ['.github/workflows/mayfly.yml', '.gitlab-ci.yml']) {
      const text = readFileSync(join(folder, file), 'utf8');
      for (const [, words = ''] of text.matchAll(/npx --yes mayfly (.+)/g)) {
        const [verb, noun] = words.split(' ');
        const top = program.commands.find((each) => each.name() === verb);
        const command = top?.commands.find((each) => each.name() === noun) ?? top;
        assert.ok(command !== undefined, words);
        for (const [flag] of words.matchAll(/--[a-z-]+/g))
          assert.ok(
            command.options.some(({ long }) => long === flag),
            `${words}: ${flag}`,
          );
      }
    }
  });

  it('overwrites nothing that is there unless told to', async () => {
    const file = join(folder, '.gitlab-ci.yml');
    writeFileSync(file, 'mine: true\n');
    const refused = await init('gitlab');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--force/);
    assert.equal(readFileSync(file, 'utf8'), 'mine: true\n');
    assert.equal((await init('gitlab', '--force')).code, 0);
    assert.match(readFileSync(file, 'utf8'), /^image: node:24$/m);
  });

  it('refuses systems and branches that it does not know', async () => {
    assert.equal((await init('jenkins')).code, 2);
    assert.equal((await init('github', '--force', '--branch', "x' || true")).code, 2);
  });

  it('names previews as hosts can carry them, and two branches apart', () => {
    const nameOf = (branch: string): string =>
      execFileSync('sh', ['-c', [...PREVIEW_NAME, 'printf %s "$NAME"'].join('\n')], {
        env: { PATH: process.env.PATH, BRANCH: branch },
        encoding: 'utf8',
      });
    const branches = ['feature/Cart', 'feature-cart', '$(exit 3)`exit 3`"', '支付', 'x'.repeat(200)];
    const names = branches.map(nameOf);
    for (const name of names) assert.match(name, /^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])$/);
    assert.equal(new Set(names).size, branches.length);
  });
});
