import { isBuiltin } from 'node:module';
import type { Message } from 'esbuild';
import { type Problem, problemAt } from './problem.ts';

const IN_LAMBDA = /^(aws-sdk|@aws-sdk)(\/|$)/;

/** What esbuild says, in Mayfly's shape. */
export function problemFrom(message: Message): Problem {
  const { location } = message;
  const place =
    location === null
      ? { file: null, line: null, column: null }
      : { file: location.file, line: location.line, column: location.column + 1 };
  return problemAt(place, message.text, suggestionFor(message));
}

function suggestionFor(message: Message): string | null {
  const missing = /^Could not resolve "([^"]+)"/.exec(message.text)?.[1];
  if (missing !== undefined) {
    if (/^[./]/.test(missing) || isBuiltin(missing)) return null;
    if (/^[a-z]+:/.test(missing)) return 'it is a module of another runtime, which Mayfly does not have';
    const install = `install it: npm install ${packageNameOf(missing)}`;
    return IN_LAMBDA.test(missing) ? `${install}; Lambda's runtimes bring it, Mayfly's do not` : install;
  }
  const offered = message.location?.suggestion ?? '';
  if (offered !== '') return `did you mean "${offered}"?`;
  return message.pluginName === '' ? null : (message.notes[0]?.text ?? null);
}

/** `@scope/name/sub/path` → `@scope/name`; `name/sub` → `name`. */
export function packageNameOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
