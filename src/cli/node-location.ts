import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MayflyError } from '../domain/errors.ts';
import { ApiClient, type ApiTarget } from './api-client.ts';
import { usageError } from './errors.ts';
import type { NodeOptions } from './options.ts';
import type { Shell } from './shell.ts';

/** Written by a running node into its data folder. */
export interface NodeFile {
  readonly pid: number;
  readonly controlUrl: string;
  readonly gatewayUrl: string;
}

/** The folder of state in an app, and of a node that was started without `--data`. */
export const LOCAL_DATA_DIR = '.mayfly';

/** A client of the node that `locateNode` finds. */
export function connect(shell: Shell, options: NodeOptions, appDir?: string): ApiClient {
  return new ApiClient(locateNode(shell, options, appDir), shell.signal);
}

/** The same, with what it was made of. */
export function connectionOf(
  shell: Shell,
  options: NodeOptions,
): { readonly client: ApiClient; readonly target: ApiTarget } {
  const target = locateNode(shell, options);
  return { client: new ApiClient(target, shell.signal), target };
}

/** A client, with the operator's rights, of a node that this command has started itself. */
export function connectOwn(shell: Shell, dataDir: string): ApiClient {
  return new ApiClient(localTarget(dataDir, undefined), shell.signal);
}

/**
 * Which node a command means. Flags come first, then variables, then the folder: `--url`, `--data`, `MAYFLY_URL`,
 * `MAYFLY_DATA`, then the nearest `.mayfly/` with a running node, upward from the app's folder and from the current one.
 * The operator's token of a data folder is only ever sent to the node that runs on that folder.
 * @throws MayflyError NODE_UNREACHABLE, TOKEN_MISSING, USAGE
 */
export function locateNode(shell: Shell, options: NodeOptions, appDir?: string): ApiTarget {
  const token = options.token ?? shell.env.MAYFLY_TOKEN;
  if (options.url !== undefined) return remoteTarget(shell, options.url, token, '--url');
  if (options.data !== undefined) {
    // Beside MAYFLY_URL, MAYFLY_TOKEN is that node's and no other's.
    const own = shell.env.MAYFLY_URL ? options.token : token;
    return localTarget(path.resolve(shell.cwd, options.data), own);
  }
  if (shell.env.MAYFLY_URL) return remoteTarget(shell, shell.env.MAYFLY_URL, token, 'MAYFLY_URL');
  if (shell.env.MAYFLY_DATA) return localTarget(path.resolve(shell.cwd, shell.env.MAYFLY_DATA), token);
  const starts = appDir === undefined ? [shell.cwd] : [appDir, shell.cwd];
  for (const folder of starts.flatMap(foldersUpward)) {
    const data = path.join(folder, LOCAL_DATA_DIR);
    if (readRunningNode(data) !== null) return localTarget(data, token);
  }
  throw new MayflyError(
    'NODE_UNREACHABLE',
    `No running node was found: no ${LOCAL_DATA_DIR}/ with one in ${shell.cwd} or above, and neither --url nor --data is given.`,
  );
}

/** The node that runs on a data folder, or null. */
export function readRunningNode(dataDir: string): NodeFile | null {
  let file: NodeFile;
  try {
    file = JSON.parse(readFileSync(path.join(dataDir, 'run', 'node.json'), 'utf8')) as NodeFile;
  } catch {
    return null;
  }
  return isAlive(file.pid) ? file : null;
}

function remoteTarget(shell: Shell, text: string, token: string | undefined, source: string): ApiTarget {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(`${source} is not an http or https address: "${text}".`);
  }
  if (token) return { url: text, token };
  const local = nearestNode(shell.cwd);
  if (local !== null && new URL(local.file.controlUrl).origin === new URL(text).origin) {
    return localTarget(local.dataDir, undefined);
  }
  throw new MayflyError('TOKEN_MISSING', `${text} needs a token: give --token or set MAYFLY_TOKEN.`);
}

function nearestNode(from: string): { dataDir: string; file: NodeFile } | null {
  for (const folder of foldersUpward(from)) {
    const dataDir = path.join(folder, LOCAL_DATA_DIR);
    const file = readRunningNode(dataDir);
    if (file !== null) return { dataDir, file };
  }
  return null;
}

function localTarget(dataDir: string, token: string | undefined): ApiTarget {
  // A folder left by a killed node still names a port; another program may listen there now and must not get the token.
  const file = readRunningNode(dataDir);
  if (file === null) throw new MayflyError('NODE_UNREACHABLE', `No node runs on ${dataDir}.`);
  return { url: file.controlUrl, token: token || readOperatorToken(dataDir) };
}

function readOperatorToken(dataDir: string): string {
  const file = path.join(dataDir, 'operator-token');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new MayflyError(
      denied ? 'FORBIDDEN' : 'TOKEN_MISSING',
      denied ? `${file} belongs to another user.` : `${file} is missing: give --token or set MAYFLY_TOKEN.`,
    );
  }
}

function foldersUpward(from: string): string[] {
  const parent = path.dirname(from);
  return parent === from ? [from] : [from, ...foldersUpward(parent)];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
