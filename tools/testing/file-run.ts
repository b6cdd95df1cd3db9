import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { findLeftFiles, findStrays } from './leftovers.ts';
import { emptyTally, type Tally } from './tally-reporter.ts';

export interface FileResult {
  readonly file: string;
  readonly tally: Tally;
  /** node:test's own report, as a person reads it. */
  readonly output: string;
  /** What is wrong with the file as a whole: a time-out, stray processes, left files. Empty: nothing. */
  readonly complaints: readonly string[];
  readonly ms: number;
}

export interface FileRunOptions {
  readonly root: string;
  /** A folder that is this file's alone; made here, and removed at the end. */
  readonly folder: string;
  /** Where Node keeps what it compiled for all files of the run: a quarter of the CPU time of a file, half of a node's start. */
  readonly compileCache: string;
  /** Passed to node. */
  readonly flags: readonly string[];
  readonly timeoutMs: number;
  /** Kills the run. */
  readonly signal: AbortSignal;
}

/** Runs one test file in a process of its own, and looks at what it left behind. */
export async function runTestFile(file: string, options: FileRunOptions): Promise<FileResult> {
  const started = performance.now();
  const tmp = join(options.folder, 't');
  const tallyFile = join(options.folder, 'tally');
  mkdirSync(tmp, { recursive: true });
  const complaints: string[] = [];
  const { output, ended } = await runNode(
    [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${resolve(import.meta.dirname, 'tally-reporter.ts')}`,
      `--test-reporter-destination=${tallyFile}`,
      ...options.flags,
      file,
    ],
    tmp,
    options,
  );
  if (ended !== 'passed' && ended !== 'failed') complaints.push(ended);

  const tally = readTally(tallyFile);
  if (tally.tests === 0 && ended === 'passed' && options.flags.length === 0) complaints.push('No test ran.');
  if (ended === 'failed' && tally.fail + tally.cancelled === 0) complaints.push('The process failed.');
  for (const { pid, command } of await findStrays(tmp)) {
    complaints.push(`Left a process behind: ${pid} ${command}`);
    killQuietly(pid);
  }
  const left = findLeftFiles(tmp);
  if (left.length > 0) complaints.push(`Left temporary files behind: ${left.join(', ')}`);
  rmSync(options.folder, { recursive: true, force: true });
  return { file, tally, output, complaints, ms: performance.now() - started };
}

/** `passed`, `failed`, or a sentence on why it was killed. */
async function runNode(
  args: readonly string[],
  tmp: string,
  options: FileRunOptions,
): Promise<{ output: string; ended: string }> {
  const child = spawn(process.execPath, args, {
    cwd: options.root,
    env: testEnvironment(options, tmp),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let killed: string | null = null;
  const kill = (why: string): void => {
    killed = why;
    killGroup(child);
  };
  const timer = setTimeout(() => kill(`Killed after ${options.timeoutMs / 1000} s.`), options.timeoutMs);
  const onAbort = (): void => kill('Killed: the whole run took too long.');
  options.signal.addEventListener('abort', onAbort, { once: true });

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (data: string) => {
      output += data;
    });
  }
  // `exit`, not `close`: a process that was left behind may hold the pipes for ever.
  const code = await new Promise<number | null>((settle, fail) => {
    child.once('error', fail);
    child.once('exit', (exitCode) => setImmediate(settle, exitCode));
  });
  clearTimeout(timer);
  options.signal.removeEventListener('abort', onAbort);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { output, ended: killed ?? (code === 0 ? 'passed' : 'failed') };
}

/** The environment of the machine without what would steer Mayfly or node:test. */
function testEnvironment({ root, compileCache }: FileRunOptions, tmp: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(MAYFLY_|NODE_OPTIONS$|NODE_TEST_|npm_|TMP$|TEMP$)/i.test(name),
  );
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, TMPDIR: tmp, NODE_COMPILE_CACHE: compileCache };
}

function readTally(path: string): Tally {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Tally;
  } catch {
    // The process ended before its reporter could write.
    return emptyTally();
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) killQuietly(-child.pid);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
