import { CommanderError } from 'commander';
import { type MayflyError, toMayflyError } from '../domain/errors.ts';
import { EXIT_OK, EXIT_USAGE, exitCodeOf, problemOf, usageError } from './errors.ts';
import { paintFor, printable } from './paint.ts';
import { createProgram } from './program.ts';
import { Interrupted, type Shell } from './shell.ts';

/** Runs one command line (without `node` and the script). @returns the exit code; never rejects */
export async function runCommandLine(words: readonly string[], shell: Shell): Promise<number> {
  const program = createProgram(shell);
  try {
    if (words.length === 0) {
      program.outputHelp();
      return EXIT_OK;
    }
    await program.parseAsync([...words], { from: 'user' });
    return EXIT_OK;
  } catch (thrown) {
    if (thrown instanceof Interrupted) return thrown.exitCode;
    if (shell.signal.reason instanceof Interrupted) return shell.signal.reason.exitCode;
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT_OK;
      // A group such as `mayfly env` without its verb: its help is the answer, and was printed.
      if (thrown.code === 'commander.help') return EXIT_USAGE;
      return fail(shell, words, usageError(sentenceOf(thrown)));
    }
    return fail(shell, words, toMayflyError(thrown));
  }
}

/** One sentence, the code, and what to do next; with `--json` or `--events` a problem document, both on stderr. */
function fail(shell: Shell, words: readonly string[], error: MayflyError): number {
  const { stderr } = shell;
  if (words.includes('--json') || words.includes('--events')) {
    stderr.write(`${JSON.stringify(problemOf(error))}\n`);
  } else {
    const paint = paintFor(shell, stderr);
    stderr.write(
      `${paint('red', 'error')} ${printable(error.message)} ${paint('gray', `[${error.code}]`)}\n`,
    );
    stderr.write(`  ${error.hint}\n`);
    if (typeof error.details?.requestId === 'string') stderr.write(`  Request ${error.details.requestId}\n`);
    const { cause } = error;
    if (shell.env.MAYFLY_DEBUG) stderr.write(`${cause instanceof Error ? cause.stack : error.stack}\n`);
  }
  return exitCodeOf(error);
}

/** `error: unknown command 'deplyo'\n(Did you mean deploy?)` → `Unknown command 'deplyo' (Did you mean deploy?).` */
function sentenceOf(error: CommanderError): string {
  const text = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(sentence) ? sentence : `${sentence}.`;
}
