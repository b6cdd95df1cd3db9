import type { ModuleExports } from './module-exports.ts';

/** What to load and how to call it. */
export interface HandlerChoice {
  readonly dialect: string;
  /** `default`, `handler`, `a.b`. */
  readonly export: string;
}

/** Export that a dialect loads when nobody names one, the first that exists. */
const USUAL_EXPORTS: Readonly<Record<string, readonly string[]>> = {
  fetch: ['default'],
  event: ['default'],
  lambda: ['handler', 'default'],
};

/**
 * Settles dialect and export. A dialect that was not declared is inferred only from what is certain: an ES module
 * with a default export is `fetch`; an export `handler` without a default export is `lambda`. Everything else is
 * asked back, because vendors disagree on what the same code means.
 * @returns a sentence and the line to write, when it cannot be settled
 */
export function chooseHandler(
  exports: ModuleExports,
  declared: string | null,
  chosen: string | null,
): HandlerChoice | { readonly fault: string; readonly suggestion: string | null } {
  const top = chosen?.split('.')[0] ?? null;
  if (top !== null && exports.complete && !exports.names.has(top)) {
    return { fault: `has no export "${top}"`, suggestion: listNames(exports) };
  }
  if (declared !== null) {
    const usual = USUAL_EXPORTS[declared] ?? ['default'];
    const name = chosen ?? usual.find((candidate) => exports.names.has(candidate)) ?? null;
    if (name !== null) return { dialect: declared, export: name };
    if (!exports.complete) return { dialect: declared, export: usual[0] as string };
    const wanted = usual.map((candidate) => `"${candidate}"`).join(' or ');
    return {
      fault: `has no export ${wanted}, which dialect "${declared}" needs`,
      suggestion: listNames(exports),
    };
  }
  const hasDefault = exports.names.has('default');
  if (exports.format === 'esm' && hasDefault && (chosen ?? 'default') === 'default') {
    return { dialect: 'fetch', export: 'default' };
  }
  if (exports.complete && !hasDefault && exports.names.has('handler') && (top ?? 'handler') === 'handler') {
    return { dialect: 'lambda', export: chosen ?? 'handler' };
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
