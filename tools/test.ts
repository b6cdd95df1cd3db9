/**
 * `npm test -- [PATH PART…] [--node-flag…]`: runs every test file, each in a process and a temporary folder of its own,
 * prints what failed, then node:test's summary over all of them. Fails when a test fails, when none ran, and when a
 * file leaves a process or a temporary file behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type FileResult, runTestFile } from './testing/file-run.ts';
import { emptyTally, type Tally } from './testing/tally-reporter.ts';
import { findTestFiles } from './testing/test-files.ts';

const FILE_TIMEOUT_MS = 150_000;
/** For machines on a bad day: on two quiet cores the run takes half of it. */
const RUN_TIMEOUT_MS = 600_000;
const PARALLEL_MAX = 4;
/** These load the machine; beside others they would fail for reasons that are not theirs. They run alone, last. */
const ALONE = /^tests\/(package|quickstart)\//;

const { values: options, tokens } = parseArgs({
  options: { root: { type: 'string', default: resolve(import.meta.dirname, '..') } },
  strict: false,
  tokens: true,
});
const root = String(options.root);
const filters = tokens.filter((token) => token.kind === 'positional').map(({ value }) => value);
const flags = tokens
  .filter((token) => token.kind === 'option' && token.name !== 'root')
  .map((token) =>
    token.kind === 'option' && token.value !== undefined
      ? `${token.rawName}=${token.value}`
      : (token as { rawName: string }).rawName,
  );

const files = findTestFiles(root, filters);
const started = performance.now();
const results: FileResult[] = [];
const overall = new AbortController();
const overallTimer = setTimeout(() => overall.abort(), RUN_TIMEOUT_MS);
/** Short: sockets live below it, and the path of one may have 107 bytes. */
const scratch = mkdtempSync(join(tmpdir(), 'mt-'));

process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => overall.abort());

const [alone, together] = [
  files.filter((file) => ALONE.test(file)),
  files.filter((file) => !ALONE.test(file)),
];
await runAll(together, Math.min(availableParallelism(), PARALLEL_MAX));
await runAll(alone, 1);
clearTimeout(overallTimer);
printSummary();

async function runAll(queue: readonly string[], parallel: number): Promise<void> {
  const waiting = queue.values();
  const worker = async (): Promise<void> => {
    for (const file of waiting) {
      if (overall.signal.aborted) return;
      const folder = join(scratch, String(files.indexOf(file)));
      const result = await runTestFile(file, {
        root,
        folder,
        compileCache: join(scratch, 'compile-cache'),
        flags,
        timeoutMs: FILE_TIMEOUT_MS,
        signal: overall.signal,
      });
      results.push(result);
      printResult(result);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function failed({ tally, complaints }: FileResult): boolean {
  return tally.fail + tally.cancelled + complaints.length > 0;
}

function printResult(result: FileResult): void {
  const { file, tally, output, complaints, ms } = result;
  const mark = failed(result) ? '✖' : '✔';
  console.log(`${mark} ${file} (${tally.tests} tests, ${(ms / 1000).toFixed(1)} s)`);
  if (failed(result) || filters.length > 0) console.log(output.trimEnd());
  for (const complaint of complaints) console.log(`✖ ${file}: ${complaint}`);
}

function printSummary(): void {
  const sum = emptyTally();
  for (const { tally } of results)
    for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name];
  console.log('');
  for (const [name, count] of Object.entries(sum)) console.log(`ℹ ${name} ${count}`);
  console.log(`ℹ duration_ms ${Math.round(performance.now() - started)}`);

  const bad = results.filter(failed);
  for (const { file, complaints } of bad) console.log(`✖ ${[file, ...complaints].join(' — ')}`);
  const missed = files.length - results.length;
  if (missed > 0) console.log(`✖ Stopped before ${missed} of ${files.length} files had run.`);
  if (sum.tests === 0) console.log('✖ No test ran.');
  process.exitCode = bad.length > 0 || missed > 0 || sum.tests === 0 ? 1 : 0;
}
