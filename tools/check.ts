/**
 * `npm run check [STEP…]`: everything that must hold before the tests are worth running. All steps run at once;
 * each prints what it found as soon as it is done, and the summary comes last.
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

interface Result {
  readonly step: Step;
  readonly passed: boolean;
  readonly output: string;
  readonly ms: number;
}

const root = resolve(import.meta.dirname, '..');
const bin = resolve(root, 'node_modules/.bin');
const STEPS: readonly Step[] = [
  { name: 'style', command: [`${bin}/biome`, 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: [`${bin}/tsc`, '--noEmit', '--pretty', 'false'] },
  { name: 'architecture', command: [process.execPath, 'tools/architecture/main.ts'] },
  { name: 'dead code', command: [process.execPath, `${bin}/knip`, '--no-progress', '--no-config-hints'] },
  { name: 'text', command: [process.execPath, 'tools/repository-text.ts'] },
  { name: 'lock file', command: [process.execPath, 'tools/lock-file.ts'] },
  { name: 'documents', command: [process.execPath, 'tools/docs/main.ts'] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No step "${unknown[0]}"; there are: ${STEPS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const steps = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const results = await Promise.all(steps.map(async (step) => report(await run(step))));

console.log('');
for (const { step, passed, ms } of results) {
  console.log(`${passed ? '✔' : '✖'} ${step.name.padEnd(14)}${(ms / 1000).toFixed(1).padStart(5)} s`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

function run(step: Step): Promise<Result> {
  const { promise, resolve: settle } = Promise.withResolvers<Result>();
  const started = performance.now();
  const finish = (passed: boolean, output: string): void =>
    settle({ step, passed, output: output.trim(), ms: performance.now() - started });
  const [program = '', ...args] = step.command;
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  child.on('error', (error) => finish(false, `${program} did not start: ${error.message}`));
  child.on('close', (code) => finish(code === 0, output));
  return promise;
}

function report(result: Result): Result {
  if (!result.passed || result.output.includes('warning')) {
    console.log(`── ${result.step.name} ──\n${result.output}`);
  }
  return result;
}
