import { setFlagsFromString } from 'node:v8';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';

/** Variables of the sandbox that a function sees unless it sets them itself. */
const INHERITED = ['PATH', 'TMPDIR', 'TZ', 'LANG', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;

/** Makes the process the function's own: variables, folder, arguments, heap. */
export function becomeFunction(message: SpecialiseMessage): void {
  replaceVariables(message);
  process.chdir(message.codeDir);
  process.argv = [process.execPath, `${message.codeDir}/${message.handler.file}`];
  process.execArgv = [];
  boundHeap(message.memoryMb);
}

function replaceVariables(message: SpecialiseMessage): void {
  const inherited: Record<string, string | undefined> = Object.create(null);
  for (const name of INHERITED) inherited[name] = process.env[name];
  for (const name of Object.keys(process.env)) delete process.env[name];
  const temporary = inherited.TMPDIR ?? '/tmp';
  Object.assign(process.env, {
    PATH: inherited.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: temporary,
    TMPDIR: temporary,
    TZ: inherited.TZ ?? 'UTC',
    LANG: inherited.LANG ?? 'C.UTF-8',
    NODE_ENV: 'production',
  });
  if (inherited.SSL_CERT_FILE !== undefined) process.env.SSL_CERT_FILE = inherited.SSL_CERT_FILE;
  if (inherited.SSL_CERT_DIR !== undefined) process.env.SSL_CERT_DIR = inherited.SSL_CERT_DIR;
  Object.assign(process.env, message.env, {
    MAYFLY_APP: message.app,
    MAYFLY_ENVIRONMENT: message.environment,
    MAYFLY_FUNCTION: message.function,
    MAYFLY_VERSION: message.version,
    MAYFLY_APP_URL: message.own.url,
  });
}

/**
 * Makes V8 keep the heap near what is alive. Its hard limit (`--max-old-space-size`) is fixed when the process
 * starts and later changes are ignored, but how much garbage it lets gather is read anew: a loop with 60 MB alive
 * peaked at 500 MB by default, at 320 MB with the first flag and at 195 MB with both. The second costs 2.5 times the
 * time when nearly everything survives, hence only for instances that would otherwise be killed.
 */
function boundHeap(memoryMb: number): void {
  if (memoryMb <= 1024) setFlagsFromString('--heap-growing-percent=20');
  if (memoryMb <= 256) setFlagsFromString('--semi-space-growth-factor=1');
}
