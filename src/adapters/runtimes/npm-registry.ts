import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MayflyError } from '../../domain/errors.ts';
import type { RuntimePackage } from './runtime-packages.ts';

/** A package as the registry describes it. */
export interface Published {
  readonly version: string;
  /** What npm calls its integrity: `sha512-` and base64. */
  readonly integrity: string;
}

/** Where packages come from. */
export interface PackageRegistry {
  /** The newest release of the major version. @throws MayflyError RUNTIME_UNAVAILABLE; the signal's reason */
  newest(wanted: RuntimePackage, signal: AbortSignal): Promise<Published>;
  /** Downloads that release's tarball into an empty folder; answers its path. @throws MayflyError RUNTIME_UNAVAILABLE; the signal's reason */
  download(wanted: RuntimePackage, version: string, folder: string, signal: AbortSignal): Promise<string>;
}

/** How long npm may take to describe a package, and to download it (50 MB), ms. */
const DESCRIBE_TIMEOUT_MS = 60_000;
const DOWNLOAD_TIMEOUT_MS = 900_000;
const OUTPUT_CHARS_MAX = 4 * 1024 * 1024;
const SETTINGS = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_progress: 'false',
  npm_config_loglevel: 'error',
};

/**
 * Asks npm, the program: it knows the operator's registry, proxy, certificates and passwords, wherever they are configured
 * (`.npmrc`, `npm_config_…`), and keeps what it has downloaded. It runs no script of a package here.
 */
export class NpmRegistry implements PackageRegistry {
  readonly #command: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(command = 'npm', environment: NodeJS.ProcessEnv = process.env) {
    this.#command = command;
    this.#environment = environment;
  }

  async newest({ name, major }: RuntimePackage, signal: AbortSignal): Promise<Published> {
    const words = ['view', `${name}@${major}`, 'version', 'dist.integrity', '--prefer-online', '--json'];
    const output = await this.#npm(words, undefined, DESCRIBE_TIMEOUT_MS, signal);
    const found = publishedIn(output).filter(({ version }) => version.startsWith(`${major}.`));
    const newest = found.sort((a, b) => compare(b.version, a.version))[0];
    if (newest === undefined)
      throw unavailable(`The registry has no ${name} of version ${major}.`, undefined);
    return newest;
  }

  async download(
    { name }: RuntimePackage,
    version: string,
    folder: string,
    signal: AbortSignal,
  ): Promise<string> {
    const words = ['pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', folder];
    await this.#npm(words, folder, DOWNLOAD_TIMEOUT_MS, signal);
    const file = (await readdir(folder)).find((entry) => entry.endsWith('.tgz'));
    if (file === undefined) throw unavailable(`npm brought no file for ${name}@${version}.`, undefined);
    return join(folder, file);
  }

  async #npm(
    words: readonly string[],
    folder: string | undefined,
    timeout: number,
    signal: AbortSignal,
  ): Promise<string> {
    signal.throwIfAborted();
    const child = spawn(this.#command, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...this.#environment, ...SETTINGS },
      timeout,
      killSignal: 'SIGKILL',
      signal,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    try {
      const [output, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      if (code === 0 && output.length <= OUTPUT_CHARS_MAX) return output;
      throw unavailable(`npm could not fetch it: ${reasonIn(complaint || output)}`, undefined);
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof MayflyError) throw thrown;
      throw unavailable('npm could not be started; it comes with Node.js.', thrown);
    }
  }
}

function unavailable(message: string, cause: unknown): MayflyError {
  return new MayflyError('RUNTIME_UNAVAILABLE', message, { cause });
}

/** One release is an object, several are an array. */
function publishedIn(output: string): Published[] {
  if (output.trim() === '') return [];
  const parsed = JSON.parse(output) as unknown;
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((row) => {
    const { version, 'dist.integrity': integrity } = row as Record<string, unknown>;
    return typeof version === 'string' && typeof integrity === 'string' ? [{ version, integrity }] : [];
  });
}

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split(/[.-]/).map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (a![index] ?? 0) - (b![index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What npm complains about, without its log file and its prefix. */
function reasonIn(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  const told = lines.filter((line) => line !== '' && !/^(npm warn|A complete log|.*_logs)/i.test(line));
  return told.slice(0, 4).join(' ').slice(0, 500) || 'it did not say why';
}
