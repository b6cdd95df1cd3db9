import { DIALECTS } from '../../contract/runtimes.ts';
import type { PythonSource } from './python-source.ts';

/** What to call, and how. */
interface PythonChoice {
  readonly dialect: string;
  readonly export: string;
}

interface Fault {
  readonly fault: string;
  readonly suggestion: string | null;
}

/**
 * Modules that leave no doubt about the dialect of a file that imports them. Adapters between a web framework and a vendor come first:
 * such a file imports both.
 */
const MODULES: readonly (readonly [module: string, dialect: string])[] = [
  ['mangum', 'lambda'],
  ['awsgi', 'lambda'],
  ['apig_wsgi', 'lambda'],
  ['serverless_wsgi', 'lambda'],
  ['aws_lambda_powertools', 'lambda'],
  ['chalice', 'lambda'],
  ['functions_framework', 'google'],
  ['azure.functions', 'azure'],
  ['fdk', 'fn'],
  ['flask', 'http'],
  ['fastapi', 'http'],
  ['starlette', 'http'],
  ['django', 'http'],
  ['bottle', 'http'],
  ['falcon', 'http'],
  ['quart', 'http'],
  ['litestar', 'http'],
];

/** What a dialect calls when nobody names it, the first that the file has. */
const USUAL_NAMES: Readonly<Record<string, readonly string[]>> = {
  event: ['handler', 'main'],
  http: ['app', 'application', 'api'],
  lambda: ['lambda_handler', 'handler'],
};
/** The name that AWS gives a handler; no other vendor does. */
const LAMBDA_HANDLER = 'lambda_handler';

/**
 * Settles dialect and function of a file. A dialect that was not declared is inferred only from what is certain: a vendor's module that
 * it imports, or AWS's own name for a handler. `def handler(event, context)` alone is asked back: several vendors write so and mean
 * different things.
 * @returns a sentence and the line to write, when it cannot be settled
 */
export function choosePythonHandler(
  source: PythonSource,
  declared: string | null,
  chosen: string | null,
): PythonChoice | Fault {
  const top = chosen?.split('.')[0] ?? null;
  if (top !== null && source.complete && !source.names.has(top)) {
    return { fault: `has no "${top}" at its top level`, suggestion: listNames(source) };
  }
  const dialect = declared ?? infer(source, chosen);
  if (dialect === null) {
    const guess = source.names.has('app') ? 'http' : 'lambda';
    return {
      fault: 'does not tell which dialect it is written in',
      suggestion: `write "dialect: ${guess}" (or ${others(guess)}) for this function in mayfly.yaml`,
    };
  }
  if (DIALECTS[dialect]?.includes('python') !== true) {
    return {
      fault: `is written in the dialect "${dialect}", which is not offered for Python`,
      suggestion: `there are ${pythonDialects().join(', ')}`,
    };
  }
  if (chosen !== null) return { dialect, export: chosen };
  const usual = USUAL_NAMES[dialect] ?? ['handler'];
  const name = usual.find((candidate) => source.names.has(candidate));
  if (name !== undefined) return { dialect, export: name };
  if (!source.complete) return { dialect, export: usual[0] as string };
  const wanted = usual.map((candidate) => `"${candidate}"`).join(' or ');
  return { fault: `has no ${wanted}, which dialect "${dialect}" calls`, suggestion: listNames(source) };
}

function infer(source: PythonSource, chosen: string | null): string | null {
  const isLambda = chosen === null ? source.names.has(LAMBDA_HANDLER) : chosen === LAMBDA_HANDLER;
  if (isLambda) return 'lambda';
  const found = MODULES.find(([module]) =>
    [...source.modules].some((name) => name === module || name.startsWith(`${module}.`)),
  );
  return found?.[1] ?? null;
}

const pythonDialects = (): string[] =>
  Object.keys(DIALECTS).filter((name) => DIALECTS[name]?.includes('python'));

const others = (guess: string): string =>
  pythonDialects()
    .filter((name) => name !== guess)
    .join(', ');

function listNames({ names }: PythonSource): string {
  const own = [...names].filter((name) => !name.startsWith('_')).sort();
  return own.length === 0 ? 'it defines nothing' : `it defines ${own.slice(0, 20).join(', ')}`;
}
