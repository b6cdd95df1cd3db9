import { format } from 'node:util';
import type { Binding } from './bindings.ts';
import { runLogHooks } from './hooks.ts';

export type AzureLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

interface Init {
  readonly invocationId?: string;
  readonly functionName?: string;
  readonly logHandler?: (level: AzureLevel, ...args: unknown[]) => void;
  readonly retryContext?: unknown;
  readonly traceContext?: unknown;
  readonly triggerMetadata?: Readonly<Record<string, unknown>> | undefined;
  readonly options?: {
    readonly trigger?: Binding;
    readonly return?: Binding | undefined;
    readonly extraInputs?: readonly Binding[];
    readonly extraOutputs?: readonly Binding[];
  };
}

/** `context` of the v4 programming model. */
export class InvocationContext {
  readonly invocationId: string;
  readonly functionName: string;
  readonly extraInputs = new NamedValues();
  readonly extraOutputs = new NamedValues();
  readonly retryContext: unknown;
  readonly traceContext: unknown;
  readonly triggerMetadata: Readonly<Record<string, unknown>> | undefined;
  readonly options: unknown;
  readonly #write: (level: AzureLevel, ...args: unknown[]) => void;

  constructor(init: Init = {}) {
    this.invocationId = init.invocationId ?? 'unknown';
    this.functionName = init.functionName ?? 'unknown';
    this.retryContext = init.retryContext;
    this.traceContext = init.traceContext;
    this.triggerMetadata = init.triggerMetadata;
    this.options = {
      trigger: init.options?.trigger ?? { name: 'unknown', type: 'unknown' },
      return: init.options?.return,
      extraInputs: init.options?.extraInputs ?? [],
      extraOutputs: init.options?.extraOutputs ?? [],
    };
    this.#write = init.logHandler ?? ((level, ...args) => writeLog(level, this, args));
  }

  log(...args: unknown[]): void {
    this.#write('information', ...args);
  }

  trace(...args: unknown[]): void {
    this.#write('trace', ...args);
  }

  debug(...args: unknown[]): void {
    this.#write('debug', ...args);
  }

  info(...args: unknown[]): void {
    this.#write('information', ...args);
  }

  warn(...args: unknown[]): void {
    this.#write('warning', ...args);
  }

  error(...args: unknown[]): void {
    this.#write('error', ...args);
  }
}

/** Values by the names of inputs or outputs. */
class NamedValues {
  readonly #values: Record<string, unknown> = Object.create(null);

  get(named: string | { readonly name: string }): unknown {
    return this.#values[typeof named === 'string' ? named : named.name];
  }

  set(named: string | { readonly name: string }, value: unknown): void {
    this.#values[typeof named === 'string' ? named : named.name] = value;
  }
}

/** Writes a line to the function's log, past the author's log hooks. */
export function writeLog(
  level: AzureLevel,
  context: InvocationContext | null,
  args: readonly unknown[],
): void {
  const line = runLogHooks(level, format(...args), context);
  const { console } = globalThis;
  switch (line.level) {
    case 'trace':
    case 'debug':
      console.debug(line.message);
      return;
    case 'warning':
      console.warn(line.message);
      return;
    case 'error':
    case 'critical':
      console.error(line.message);
      return;
    case 'none':
      return;
    default:
      console.info(line.message);
  }
}
