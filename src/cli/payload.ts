import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from './errors.ts';
import { readAll } from './prompt.ts';
import type { Shell } from './shell.ts';

export interface PayloadOptions {
  readonly data?: string;
  readonly file?: string;
  readonly contentType?: string;
}

export interface Payload {
  readonly body: Buffer;
  readonly contentType: string | null;
}

/** Longest payload that is read from stdin or a file, bytes; the node has its own bound. */
const PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;
/** Silence on stdin after which the user is told what the command waits for, ms. */
const STDIN_NOTICE_MS = 1_000;

/**
 * What `invoke` sends: `--data`, else `--file` (`-` is stdin), else stdin unless it is a terminal, else nothing.
 * Its type, when not given, is JSON if it parses as JSON.
 * @throws MayflyError USAGE, BODY_TOO_LARGE
 */
export async function readPayload(
  shell: Shell,
  options: PayloadOptions,
  notice: (text: string) => void,
): Promise<Payload> {
  if (options.data !== undefined && options.file !== undefined) {
    throw usageError('--data and --file exclude each other.');
  }
  const body = await bytesOf(shell, options, notice);
  if (body.length === 0) return { body, contentType: options.contentType ?? null };
  const otherwise = options.data === undefined ? 'application/octet-stream' : 'text/plain; charset=utf-8';
  return { body, contentType: options.contentType ?? (isJson(body) ? 'application/json' : otherwise) };
}

async function bytesOf(
  shell: Shell,
  options: PayloadOptions,
  notice: (text: string) => void,
): Promise<Buffer> {
  if (options.data !== undefined) return Buffer.from(options.data);
  if (options.file !== undefined && options.file !== '-') return readPayloadFile(shell, options.file);
  if (options.file === undefined && shell.stdin.isTTY === true) return Buffer.alloc(0);
  // A parent that never closes our stdin would have us wait for ever without a word.
  const timer = setTimeout(
    () => notice('Reading the payload from stdin; --data gives it on the command line.'),
    STDIN_NOTICE_MS,
  );
  try {
    return await readAll(shell, PAYLOAD_BYTES_MAX);
  } finally {
    clearTimeout(timer);
  }
}

async function readPayloadFile(shell: Shell, file: string): Promise<Buffer> {
  try {
    return await readFile(path.resolve(shell.cwd, file));
  } catch (error) {
    throw usageError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
