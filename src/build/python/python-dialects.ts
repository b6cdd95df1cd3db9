import { DIALECTS } from '../../contract/runtimes.ts';
import { type RegisteredFunction, registeredFunctions } from './python-registrations.ts';
import type { PythonSource } from './python-source.ts';

/** What to call, and how. */
interface PythonChoice {
  readonly dialect: string;
  readonly export: string;
}

interface Fault {
  readonly fault: string;
  /** Where in the file, from 1; null: nowhere in particular. */
  readonly line?: number;
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
  ['nuclio_sdk', 'nuclio'],
  ['parliament', 'knative'],
  ['func_python', 'knative'],
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
  azure: ['main', 'app'],
  event: ['handler', 'main'],
  fission: ['main'],
  http: ['app', 'application', 'api'],
  knative: ['main', 'new', 'handle'],
  lambda: ['lambda_handler', 'handler'],
  openfaas: ['handle'],
  openwhisk: ['main'],
  tencent: ['main_handler', 'handler'],
};
/** Names that one vendor gives a handler, and no other does. */
const OWN_NAMES: Readonly<Record<string, string>> = { lambda_handler: 'lambda', main_handler: 'tencent' };

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
  const registered = registeredFunctions(source);
  const isRegistered = registered.some(({ name }) => name === chosen);
  if (top !== null && !isRegistered && source.complete && !source.names.has(top)) {
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
  const own = registered.filter((one) => one.dialect === dialect);
  if (own.length === 1) return { dialect, export: (own[0] as RegisteredFunction).name };
  if (own.length > 1) return askWhich(own);
  const usual = USUAL_NAMES[dialect] ?? ['handler'];
  const name = usual.find((candidate) => source.names.has(candidate));
  if (name !== undefined) return { dialect, export: name };
  if (!source.complete) return { dialect, export: usual[0] as string };
  const wanted = usual.map((candidate) => `"${candidate}"`).join(' or ');
  return { fault: `has no ${wanted}, which dialect "${dialect}" calls`, suggestion: listNames(source) };
}

function infer(source: PythonSource, chosen: string | null): string | null {
  for (const [name, dialect] of Object.entries(OWN_NAMES)) {
    if (chosen === null ? source.names.has(name) : chosen === name) return dialect;
  }
  const found = MODULES.find(([module]) =>
    [...source.modules].some((name) => name === module || name.startsWith(`${module}.`)),
  );
  return found?.[1] ?? null;
}

/** One file has several functions of the vendor's: each is one of Mayfly's. */
function askWhich(own: readonly RegisteredFunction[]): Fault {
  const names = own.map(({ name }) => name);
  return {
    fault: `has ${own.length} functions in one file: ${names.join(', ')}`,
    suggestion: `name each in mayfly.yaml, "handler: FILE.py#${names[0]}" and so on`,
    line: own[1]?.line ?? 1,
  };
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
