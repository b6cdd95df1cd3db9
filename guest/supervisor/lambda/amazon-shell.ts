import { closeSync, existsSync, openSync, readSync } from 'node:fs';

const BASH = '/bin/bash';
const FIRST_LINE_BYTES_MAX = 128;
const NAMES_SH = /^#! ?\/bin\/sh[ \t]*\r?\n/;

/**
 * What runs a custom runtime that is a script of `/bin/sh`, where the machine's own is another shell: on Amazon Linux that name is bash, and
 * the bootstraps of AWS's own guide rely on it (`set -o pipefail`). Called by the name `sh`, as there. Null: anything else, which runs as it is.
 */
export function amazonShell(file: string): { readonly command: string; readonly calledAs: string } | null {
  if (!NAMES_SH.test(beginningOf(file)) || !existsSync(BASH)) return null;
  return { command: BASH, calledAs: 'sh' };
}

function beginningOf(file: string): string {
  const bytes = Buffer.alloc(FIRST_LINE_BYTES_MAX);
  try {
    const descriptor = openSync(file, 'r');
    try {
      return bytes.toString('latin1', 0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Starting it will say what is wrong with it.
    return '';
  }
}
