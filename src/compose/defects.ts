import type { MayflyError } from '../domain/errors.ts';

/** The platform's own log: what the operator must know goes to standard error, one line each. */
export function reportDefect(error: MayflyError, subject = ''): void {
  const about = subject === '' ? '' : ` [${subject}]`;
  const cause = typeof error.cause === 'string' ? `\n${error.cause}` : '';
  process.stderr.write(
    `${new Date().toISOString()} ${error.code}${about} ${error.stack ?? error.message}${cause}\n`,
  );
}
