import type { ModuleExports } from './module-exports.ts';

/** Exports that a dialect loads when nobody names one, the first that exists. Not listed: `default`. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  alibaba: ['handler', 'default'],
  azure: ['default', 'run', 'index'],
  google: ['function', 'default'],
  knative: ['handle', 'default'],
  kubeless: ['handler', 'default'],
  lambda: ['handler', 'default'],
  nuclio: ['handler', 'default'],
  openfaas: ['default', 'handler'],
  openwhisk: ['main', 'default'],
  tencent: ['main_handler', 'main', 'default'],
};

/** Exports that a dialect looks at besides the handler: initialisers and the like. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  alibaba: ['initialize', 'initializer', 'preStop'],
  knative: ['init', 'shutdown', 'cors', 'liveness', 'readiness'],
  nuclio: ['initContext'],
};

export function usualExports(dialect: string): readonly string[] {
  return USUAL[dialect] ?? ['default'];
}

/** Those of a module's exports that the dialect looks at besides the handler; of CommonJS also those that it may have. */
export function companionExports(dialect: string, exports: ModuleExports): string[] {
  const mayHave = exports.format === 'cjs' && !exports.complete;
  return (COMPANIONS[dialect] ?? []).filter((name) => mayHave || exports.names.has(name));
}
