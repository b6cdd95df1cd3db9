import { setFlagsFromString } from 'node:v8';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';

/** Variables of the sandbox that a function sees unless it sets them itself. */
const INHERITED = ['PATH', 'TMPDIR', 'TZ', 'LANG', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;

/** Makes the process the function's own: variables, folder, arguments. */
export function becomeFunction(message: SpecialiseMessage): void {
  replaceVariables(message);
  process.chdir(message.codeDir);
  process.argv = [process.execPath, `${message.codeDir}/${message.handler.file}`];
  process.execArgv = [];
}

function replaceVariables(message: SpecialiseMessage): void {
  const wanted: Record<string, string> = Object.create(null);
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) wanted[name] = value;
  }
  wanted.PATH ??= '/usr/local/bin:/usr/bin:/bin';
  wanted.TMPDIR ??= '/tmp';
  wanted.HOME = wanted.TMPDIR;
  wanted.TZ ??= 'UTC';
  wanted.LANG ??= 'C.UTF-8';
  wanted.NODE_ENV = 'production';
  Object.assign(wanted, message.env, {
    MAYFLY_APP: message.app,
    MAYFLY_ENVIRONMENT: message.environment,
    MAYFLY_FUNCTION: message.function,
    MAYFLY_VERSION: message.version,
    MAYFLY_APP_URL: message.own.url,
  });
  // Only what differs is touched: a variable costs a microsecond, the time zone a hundred.
  for (const name of Object.keys(process.env)) if (!(name in wanted)) delete process.env[name];
  for (const name of Object.keys(wanted)) {
    const value = wanted[name]!;
    if (process.env[name] !== value) process.env[name] = value;
  }
}

/**
 * Makes V8 keep the heap near what is alive. Its hard limit (`--max-old-space-size`) is fixed when the process
 * starts and later changes are ignored, but how much garbage it lets gather is read anew: a loop with 60 MB alive
 * peaked at 500 MB by default, at 320 MB with the first flag and at 195 MB with both. The second costs 2.5 times the
 * time when nearly everything survives, hence only for instances that would otherwise be killed.
 *
 * To be called when the code is loaded: V8 takes no code from caches that were made with other flags, and Node's own modules
 * come from one, so each that the author's code imports would take twice as long.
 */
export function boundHeap(memoryMb: number): void {
  if (memoryMb <= 1024) setFlagsFromString('--heap-growing-percent=20');
  if (memoryMb <= 256) setFlagsFromString('--semi-space-growth-factor=1');
}
