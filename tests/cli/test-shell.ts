import { PassThrough, Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/run.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { SETTINGS } from '../../src/config.ts';

export interface ShellResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellGiven {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** All of stdin; without it stdin is a terminal where nobody types. */
  readonly stdin?: string;
  readonly host?: Partial<Shell['host']>;
  readonly signal?: AbortSignal;
  readonly terminal?: boolean;
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

/** Runs one command line in this process, without a terminal and with nothing of this process's environment. */
export async function runInShell(words: readonly string[], given: ShellGiven = {}): Promise<ShellResult> {
  const stdout = collector(given.terminal === true, given.onStdout);
  const stderr = collector(false, given.onStderr);
  const stdin =
    given.stdin === undefined
      ? Object.assign(new PassThrough(), { isTTY: true })
      : Readable.from([Buffer.from(given.stdin)]);
  const code = await runCommandLine(words, {
    env: given.env ?? {},
    cwd: given.cwd ?? '/',
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: given.signal ?? new AbortController().signal,
    host: {
      mainFile: '/nowhere/main.ts',
      settings: SETTINGS,
      startNode: () => Promise.reject(new Error('No node in this test.')),
      examineMachine: () => Promise.reject(new Error('No machine in this test.')),
      ...given.host,
    },
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(isTTY: boolean, onText?: (text: string) => void) {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(Buffer.from(chunk));
      onText?.(chunk.toString('utf8'));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => Buffer.concat(parts).toString('utf8') };
}
