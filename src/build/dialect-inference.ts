import { companionExports, usualExports } from './dialect-exports.ts';
import type { AnalysedModule } from './export-analysis.ts';
import type { ModuleExports } from './module-exports.ts';
import type { VendorCode } from './vendor-code.ts';

/** What to load and how to call it. */
export interface HandlerChoice {
  readonly dialect: string;
  /** `default`, `handler`, `a.b`; or the name of a registration. */
  readonly export: string;
  /** The file registers the function under that name when it is loaded, instead of exporting it. */
  readonly registered?: true;
  /** The file listens for events when it is loaded, as service workers do, instead of exporting anything. */
  readonly listens?: true;
  /** The file has a function of that name at its top level and does not export it. */
  readonly unexported?: true;
  /** Other exports that the dialect looks at, and that there are. */
  readonly companions?: readonly string[];
}

interface Fault {
  readonly fault: string;
  readonly suggestion: string | null;
}

/** What the configuration says of a function that decides what its file's code means. */
export interface NamedFunction {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Dialects whose modules take functions in, by name or (fn) just one. */
const REGISTERING: ReadonlySet<string> = new Set(['azure', 'fn', 'google']);

/**
 * Settles dialect and export. A dialect that was not declared is inferred only from what is certain: a vendor's module or
 * global that the file uses; an ES module with a default export is `fetch`; an export `handler` without a default export is
 * `lambda`. Everything else is asked back, because vendors disagree on what the same code means.
 * @returns a sentence and the line to write, when it cannot be settled
 */
export function chooseHandler(
  { exports, vendor, topLevel, listens }: AnalysedModule,
  declared: string | null,
  chosen: string | null,
  { name, env }: NamedFunction,
): HandlerChoice | Fault {
  if (declared === null && vendor.dialects.length > 1) {
    return {
      fault: `uses the modules of several vendors: ${[...vendor.dialects].sort().join(', ')}`,
      suggestion: `write "dialect: ${vendor.dialects[0]}" (or another) for this function in mayfly.yaml`,
    };
  }
  const dialect = declared ?? vendor.dialects[0] ?? null;
  // Google names the function to run in a variable.
  const wanted = chosen ?? (dialect === 'google' ? (env.FUNCTION_TARGET ?? null) : null);
  if (dialect !== null && REGISTERING.has(dialect) && vendor.dialects.includes(dialect)) {
    const choice = chooseRegistered(dialect, vendor, exports, wanted, name);
    if (choice !== null) return choice;
  }
  // Its runtime evaluates a file and takes what has the name, exported or not.
  const main = wanted ?? 'main';
  if (dialect === 'openwhisk' && !exports.names.has(main) && topLevel.has(main)) {
    return { dialect, export: main, unexported: true };
  }
  // A web server is its file's side effect; an export is named where it is the application, which need not listen.
  if (dialect === 'http' && chosen === null) return { dialect, export: 'default', registered: true };
  const isServiceWorker = (dialect ?? 'fetch') === 'fetch' && listens && exports.names.size === 0;
  if (isServiceWorker) return { dialect: 'fetch', export: 'default', listens: true };
  const top = wanted?.split('.')[0] ?? null;
  if (top !== null && exports.complete && !exports.names.has(top)) {
    return { fault: `has no export "${top}"`, suggestion: listNames(exports) };
  }
  return dialect === null ? inferFromExports(exports, wanted) : chooseExport(exports, dialect, wanted, name);
}

/** Null: the function is an export, as far as can be told. */
function chooseRegistered(
  dialect: string,
  vendor: VendorCode,
  exports: ModuleExports,
  wanted: string | null,
  name: string,
): HandlerChoice | Fault | null {
  const names = [...new Set(vendor.registrations.map((registration) => registration.name))];
  const choose = (found: string): HandlerChoice => ({ dialect, export: found, registered: true });
  if (dialect === 'fn') return wanted === null ? choose('default') : null;
  if (wanted !== null) {
    if (names.includes(wanted)) return choose(wanted);
    if (exports.names.has(wanted.split('.')[0]!) || (names.length > 0 && !exports.complete)) return null;
    // Some names are made while the code runs; the guest says so when this is none of them.
    if (names.length === 0) return choose(wanted);
    return {
      fault: `neither registers nor exports "${wanted}"`,
      suggestion: `it registers ${names.join(', ')}`,
    };
  }
  if (names.length === 0) return null;
  if (names.length === 1) return choose(names[0]!);
  if (names.includes(name)) return choose(name);
  return {
    fault: `registers several functions: ${names.join(', ')}`,
    suggestion: `write "handler: FILE#${names[0]}" (or another) for this function in mayfly.yaml`,
  };
}

function chooseExport(
  exports: ModuleExports,
  dialect: string,
  wanted: string | null,
  name: string,
): HandlerChoice | Fault {
  const companions = companionExports(dialect, exports);
  const choose = (found: string): HandlerChoice =>
    companions.length === 0 ? { dialect, export: found } : { dialect, export: found, companions };
  if (wanted !== null) return choose(wanted);
  const usual = usualExports(dialect);
  const candidates = dialect === 'google' ? [name, ...usual] : usual;
  const found = candidates.find((candidate) => exports.names.has(candidate)) ?? null;
  if (found !== null) return choose(found);
  if (!exports.complete) return choose(usual[0] as string);
  const listed = usual.map((candidate) => `"${candidate}"`).join(' or ');
  return {
    fault: `has no export ${listed}, which dialect "${dialect}" needs`,
    suggestion: listNames(exports),
  };
}

function inferFromExports(exports: ModuleExports, wanted: string | null): HandlerChoice | Fault {
  const hasDefault = exports.names.has('default');
  if (exports.format === 'esm' && hasDefault && (wanted ?? 'default') === 'default') {
    return { dialect: 'fetch', export: 'default' };
  }
  const top = wanted?.split('.')[0] ?? 'handler';
  if (exports.complete && !hasDefault && exports.names.has('handler') && top === 'handler') {
    return { dialect: 'lambda', export: wanted ?? 'handler' };
  }
  if (exports.names.size === 0 && exports.complete) {
    return { fault: 'exports nothing', suggestion: 'write "export default () => …"' };
  }
  const guess = exports.names.has('handler') ? 'lambda' : 'fetch';
  return {
    fault: 'does not tell which dialect it is written in',
    suggestion: `write "dialect: ${guess}" (or another) for this function in mayfly.yaml`,
  };
}

function listNames(exports: ModuleExports): string {
  if (exports.names.size === 0) return 'it exports nothing';
  return `it exports ${[...exports.names].sort().join(', ')}`;
}
