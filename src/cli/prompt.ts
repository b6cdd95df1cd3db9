import { MayflyError } from '../domain/errors.ts';
import { usageError } from './errors.ts';
import { Interrupted, type Shell } from './shell.ts';

/** Whether there is somebody to ask. */
function isInteractive(shell: Shell): boolean {
  return shell.stdin.isTTY === true && shell.stderr.isTTY === true;
}

/** A yes-or-no question; without a terminal nothing is asked and the answer is yes. @throws Interrupted on Ctrl-C */
export async function confirm(shell: Shell, message: string): Promise<boolean> {
  if (!isInteractive(shell)) return true;
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({ message, initialValue: false, ...streams(shell) });
  if (prompts.isCancel(answer)) throw new Interrupted('SIGINT');
  return answer;
}

/**
 * A value that nobody may read over a shoulder: typed unseen on a terminal, else all of stdin without its last line feed.
 * @throws MayflyError USAGE when it is empty; Interrupted on Ctrl-C
 */
export async function readHidden(shell: Shell, message: string): Promise<string> {
  const value = isInteractive(shell) ? await typed(shell, message) : await piped(shell);
  if (value === '') throw usageError('The value is empty; give it on stdin or as NAME=VALUE.');
  return value;
}

async function typed(shell: Shell, message: string): Promise<string> {
  const prompts = await import('@clack/prompts');
  const answer = await prompts.password({ message, ...streams(shell) });
  if (prompts.isCancel(answer)) throw new Interrupted('SIGINT');
  return answer ?? '';
}

async function piped(shell: Shell): Promise<string> {
  return (await readAll(shell)).toString('utf8').replace(/\r?\n$/, '');
}

/** All of stdin. @throws MayflyError BODY_TOO_LARGE; Interrupted */
export async function readAll(shell: Shell, bytesMax = 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = () => shell.stdin.destroy();
  shell.signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of shell.stdin) {
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes > bytesMax)
        throw new MayflyError('BODY_TOO_LARGE', `stdin is longer than ${bytesMax} bytes.`);
    }
  } catch (error) {
    throw shell.signal.aborted ? shell.signal.reason : error;
  } finally {
    shell.signal.removeEventListener('abort', stop);
  }
  shell.signal.throwIfAborted();
  return Buffer.concat(chunks);
}

/** Questions go to stderr: stdout is for results. */
function streams(shell: Shell) {
  return { input: shell.stdin, output: shell.stderr, signal: shell.signal };
}
