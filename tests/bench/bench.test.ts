import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Report } from '../../bench/harness/table.ts';
import { DIALECTS } from '../../src/contract/runtimes.ts';

const RUN = join(import.meta.dirname, '../../bench/run.ts');
const SCENARIO_TIMEOUT_MS = 120_000;

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8', timeout: SCENARIO_TIMEOUT_MS });
}

suite('benchmarks', () => {
  test('quick runs measure every figure of a scenario', () => {
    const { status, stdout, stderr } = bench('start', 'cold', '--quick', '--json', '--isolation', 'process');
    assert.equal(status, 0, stderr);
    const reports = JSON.parse(stdout) as Report[];
    assert.deepEqual(
      reports.map(({ scenario, quick }) => ({ scenario, quick })),
      [
        { scenario: 'start', quick: true },
        { scenario: 'cold', quick: true },
      ],
    );
    for (const figure of reports.flatMap((report) => report.figures)) {
      assert.equal(typeof figure.value, 'number', figure.what);
      assert.ok(figure.value > 0, `${figure.what}: ${figure.value}`);
    }
    const promised = reports.flatMap((report) => report.figures.filter((figure) => figure.promises));
    assert.equal(promised.length, 4);
    assert.ok(promised.every((figure) => typeof figure.met === 'boolean'));
  });

  test('the scenario about deploys measures every figure as well', () => {
    const { status, stdout, stderr } = bench('deploy', '--quick', '--json', '--isolation', 'process');
    assert.equal(status, 0, stderr);
    const [{ figures }] = JSON.parse(stdout) as [Report];
    for (const figure of figures) assert.ok(figure.value > 0, `${figure.what}: ${figure.value}`);
    assert.equal(figures.filter(({ promises }) => promises !== undefined).length, 4);
  });

  test('the scenario about archives watches the event loop', () => {
    const { status, stdout, stderr } = bench('unzip', '--quick', '--json', '--isolation', 'process');
    assert.equal(status, 0, stderr);
    const [{ figures }] = JSON.parse(stdout) as [Report];
    for (const figure of figures) assert.ok(figure.value > 0, `${figure.what}: ${figure.value}`);
    assert.equal(figures.filter(({ promises }) => promises !== undefined).length, 2);
  });

  test('the scenario about dialects calls a function of each', () => {
    const { status, stdout, stderr } = bench('dialects', '--quick', '--json', '--isolation', 'process');
    assert.equal(status, 0, stderr);
    const [{ figures }] = JSON.parse(stdout) as [Report];
    assert.ok(figures.every(({ value }) => Number.isFinite(value)));
    const spoken = Object.keys(DIALECTS).filter((name) => DIALECTS[name]!.includes('javascript'));
    assert.deepEqual(
      figures.flatMap(({ what }) => /^(\w+), added/.exec(what)?.[1] ?? []).sort(),
      spoken.filter((name) => name !== 'fetch').sort(),
    );
  });

  test('without a scenario, or with one that is not there, it says which there are', () => {
    for (const args of [[], ['nonsense']]) {
      const { status, stderr } = bench(...args);
      assert.equal(status, 2);
      assert.match(stderr, /^ {2}cold-empty-pool +time/m);
    }
  });
});
