import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { randomHex } from '../../kit/ids.ts';
import type { BuiltFile } from '../built-file.ts';
import { NOWHERE, problemAt, problemsError } from '../problem.ts';
import { withoutPackages } from './host-packages.ts';
import { listPythonFiles } from './python-files.ts';
import type { PythonProgram } from './python-program.ts';

const run = promisify(execFile);

const REQUIREMENTS = 'requirements.txt';
/** Beside the requirements: packages as files, so that nothing is fetched. */
const WHEELS = 'wheels';
/** Where installed packages lie in the artifact; the guest looks there. */
const VENDOR = 'vendor';
const PIP_TIMEOUT_MS = 10 * 60_000;
const PIP_OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
/** Lines of pip's last words that are shown. */
const LAST_LINES = 12;
/** `-r other.txt`, `--constraint=limits.txt`. */
const INCLUDED = /^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)/gm;

/**
 * The packages that `requirements.txt` asks for, as files in `vendor/`: of the handler's folder, else of the nearest one above it. They are
 * installed into the app's `.mayfly/python/`, once for the same requirements, wheels and Python. With a folder `wheels` beside the file
 * nothing else is looked at.
 * @param file the handler's, relative to `root`
 * @param brought packages that need not be installed, since the guest brings them
 * @throws MayflyError BUILD_FAILED with pip's last lines
 */
export async function vendorRequirements(
  dir: string,
  root: string,
  file: string,
  brought: readonly string[],
  python: PythonProgram | null,
): Promise<{ readonly files: BuiltFile[]; readonly source: string | null }> {
  const folder = await findRequirements(join(dir, root), posix.dirname(file));
  if (folder === null) return { files: [], source: null };
  const requirements = join(folder, REQUIREMENTS);
  const wheels = (await stat(join(folder, WHEELS)).catch(() => null))?.isDirectory()
    ? join(folder, WHEELS)
    : null;
  const place = { ...NOWHERE, file: posix.relative(dir, requirements) };
  if (python === null) {
    const message = 'its packages cannot be installed: there is no Python 3.9 or later on this machine';
    throw problemsError('BUILD_FAILED', [
      problemAt(place, message, 'install python3, or name one by MAYFLY_PYTHON'),
    ]);
  }
  const text = await readFile(requirements, 'utf8');
  const asked = withoutPackages(text, brought);
  const digest = await digestOf(requirements, asked, wheels, python);
  if (digest === null) return { files: [], source: requirements };
  const installed = join(dir, '.mayfly', 'python', digest);
  if (!(await stat(installed).catch(() => null))?.isDirectory()) {
    const failure = await install(python, requirements, asked === text ? null : asked, wheels, installed);
    if (failure !== null) throw problemsError('BUILD_FAILED', [problemAt(place, failure.text, failure.hint)]);
  }
  const { files } = await listPythonFiles(installed, true);
  return {
    files: files
      .filter(({ path }) => !path.startsWith('bin/'))
      .map((found) => ({ ...found, path: `${VENDOR}/${found.path}` })),
    source: requirements,
  };
}

async function findRequirements(root: string, from: string): Promise<string | null> {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const found = await stat(join(root, folder, REQUIREMENTS)).catch(() => null);
    if (found?.isFile()) return join(root, folder);
    if (folder === '.') return null;
  }
}

/** Names what an install would give; null: the requirements ask for nothing. */
async function digestOf(
  requirements: string,
  asked: string,
  wheels: string | null,
  python: PythonProgram,
): Promise<string | null> {
  const [, ...others] = await readIncluded(requirements, new Set());
  const texts = [asked, ...others];
  if (texts.every((text) => text.replace(/#.*/g, '').trim() === '')) return null;
  const hash = createHash('sha256').update(`${python.version} ${process.platform} ${process.arch}`);
  for (const text of texts) hash.update(`\0${text}`);
  for (const name of wheels === null ? [] : (await readdir(wheels)).sort()) {
    const { size, mtimeMs } = await stat(join(wheels as string, name));
    hash.update(`\0${name} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** The file and those that it names; one that is not there is for pip to report. */
async function readIncluded(file: string, seen: Set<string>): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = await readFile(file, 'utf8').catch(() => '');
  const others = [...text.matchAll(INCLUDED)].map(([, name = '']) => join(dirname(file), name));
  const lists = await Promise.all(others.map((other) => readIncluded(other, seen)));
  return [text, ...lists.flat()];
}

interface Failure {
  readonly text: string;
  readonly hint: string | null;
}

/** Installs into a folder that gets its name when it is complete. */
async function install(
  python: PythonProgram,
  requirements: string,
  /** In place of what the file says. */
  asked: string | null,
  wheels: string | null,
  target: string,
): Promise<Failure | null> {
  const fresh = `${target}.${randomHex(4)}.new`;
  const offline = wheels === null ? [] : ['--no-index', '--find-links', wheels];
  const quiet = [
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '--no-compile',
    '--no-warn-script-location',
  ];
  const list = `${fresh}.txt`;
  const words = ['-I', '-m', 'pip', 'install', ...quiet, ...offline, '--target', fresh, '-r'];
  await mkdir(dirname(target), { recursive: true });
  if (asked !== null) await writeFile(list, asked);
  try {
    await run(python.executable, [...words, asked === null ? requirements : list], {
      cwd: dirname(requirements),
      timeout: PIP_TIMEOUT_MS,
      maxBuffer: PIP_OUTPUT_BYTES_MAX,
    });
    await mkdir(fresh, { recursive: true });
    await rename(fresh, target);
    return null;
  } catch (thrown) {
    // Another build was faster.
    if ((await stat(target).catch(() => null))?.isDirectory()) return null;
    return failureOf(thrown);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(list, { force: true });
  }
}

function failureOf(thrown: unknown): Failure {
  const {
    stderr = '',
    stdout = '',
    killed,
    message,
  } = thrown as Error & Record<'stderr' | 'stdout', string> & { killed?: boolean };
  if (/No module named pip\b/.test(stderr)) {
    return { text: 'its packages cannot be installed: this Python has no pip', hint: 'install python3-pip' };
  }
  const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-LAST_LINES);
  const why =
    killed === true
      ? `pip took longer than ${PIP_TIMEOUT_MS / 60_000} minutes`
      : 'pip could not install its packages';
  const words = lines.join('\n').trim();
  return { text: `${why}:\n${words === '' ? message : words}`, hint: null };
}
