/**
 * `npm run bench -- SCENARIO… [--json] [--quick] [--runs N] [--isolation process] [--program FILE]`: measures what
 * docs/SPECIFICATION.md promises, against real nodes, with the yardsticks in the same run. FILE is the `mayfly` to measure:
 * `npm run bench` compiles this checkout's first and measures that; without it, the source is run. `all` runs every scenario. Exits 1 when a promise
 * is missed (never with --quick).
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endAll } from './harness/process.ts';
import type { RunOptions, Scenario } from './harness/scenario.ts';
import { type Report, renderReport, reportOf } from './harness/table.ts';
import { burst } from './scenarios/burst.ts';
import { cold, coldEmptyPool, coldPython } from './scenarios/cold.ts';
import { coldLarge } from './scenarios/cold-large.ts';
import { coldProvided } from './scenarios/cold-provided.ts';
import { density } from './scenarios/density.ts';
import { deploy } from './scenarios/deploy.ts';
import { dialects } from './scenarios/dialects.ts';
import { idle } from './scenarios/idle.ts';
import { reload } from './scenarios/reload.ts';
import { start } from './scenarios/start.ts';
import { sustained } from './scenarios/sustained.ts';
import { throughput } from './scenarios/throughput.ts';
import { unzip } from './scenarios/unzip.ts';
import { warm } from './scenarios/warm.ts';

const SCENARIOS: readonly Scenario[] = [
  warm,
  throughput,
  sustained,
  cold,
  coldEmptyPool,
  coldLarge,
  coldPython,
  coldProvided,
  burst,
  density,
  idle,
  start,
  reload,
  deploy,
  unzip,
  dialects,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    isolation: { type: 'string', default: 'sandbox' },
    program: { type: 'string', default: join(import.meta.dirname, '../bin/mayfly') },
  },
});
const chosen = positionals.includes('all')
  ? SCENARIOS
  : positionals.map((name) => SCENARIOS.find((scenario) => scenario.name === name) ?? unknown(name));
if (chosen.length === 0) usage();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Nodes drain, and take their sandboxes with them; folders go when this process exits.
  process.once(signal, () => void endAll().finally(() => process.exit(130)));
}

const reports: Report[] = [];
for (const scenario of chosen) {
  const options: RunOptions = {
    quick: values.quick,
    runs: values.runs === undefined ? null : Number(values.runs),
    isolation: values.isolation === 'process' ? 'process' : 'sandbox',
    program: resolve(values.program),
    progress: (text) => process.stderr.write(`${scenario.name}: ${text}\n`),
  };
  const report = reportOf(scenario, await scenario.run(options), options.quick);
  reports.push(report);
  if (!values.json) process.stdout.write(`${renderReport(report)}\n\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
const missed = reports.some((report) => report.figures.some((figure) => figure.met === false));
process.exit(missed && !values.quick ? 1 : 0);

function usage(): never {
  process.stderr.write(
    'npm run bench -- SCENARIO… [--json] [--quick] [--runs N] [--isolation process] [--program FILE]\n\n',
  );
  for (const { name, title } of SCENARIOS) process.stderr.write(`  ${name.padEnd(16)} ${title}\n`);
  process.stderr.write(`  ${'all'.padEnd(16)} every one of them\n`);
  process.exit(2);
}

function unknown(name: string): never {
  process.stderr.write(`There is no scenario "${name}".\n\n`);
  usage();
}
