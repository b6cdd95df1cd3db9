import type { Call } from '../../call.ts';
import type { InstanceInfo } from '../../instance-info.ts';
import type { Binding } from './bindings.ts';
import { writeLog } from './invocation-context.ts';
import type { V3Request } from './v3-request.ts';
import type { V3Response } from './v3-response.ts';

type Log = (...args: unknown[]) => void;
type Fields = Record<string, unknown>;

/** `context` of the v3 programming model. */
export interface V3Context {
  readonly invocationId: string;
  readonly executionContext: Readonly<Fields>;
  readonly bindings: Fields;
  readonly bindingData: Readonly<Fields>;
  readonly bindingDefinitions: readonly Readonly<Fields>[];
  readonly traceContext: Readonly<Fields>;
  readonly log: Log & Readonly<Record<'error' | 'warn' | 'info' | 'verbose' | 'metric', Log>>;
  req?: V3Request;
  res?: V3Response | unknown;
  done(error?: unknown, outputs?: unknown): void;
}

/** Made once an instance: `context.log` and its levels. */
const v3Log: V3Context['log'] = Object.assign((...args: unknown[]) => writeLog('information', null, args), {
  error: (...args: unknown[]) => writeLog('error', null, args),
  warn: (...args: unknown[]) => writeLog('warning', null, args),
  info: (...args: unknown[]) => writeLog('information', null, args),
  verbose: (...args: unknown[]) => writeLog('debug', null, args),
  metric: (name: unknown, value: unknown) => writeLog('information', null, [`metric ${String(name)}`, value]),
});

export function v3Context(
  instance: InstanceInfo,
  call: Call,
  bindings: readonly Binding[],
  bindingData: Readonly<Fields>,
  done: V3Context['done'],
): V3Context {
  const { id, traceparent } = call.message;
  return {
    invocationId: id,
    executionContext: {
      invocationId: id,
      functionName: instance.function,
      functionDirectory: instance.codeDir,
      retryContext: null,
    },
    bindings: {},
    bindingData: { invocationId: id, ...bindingData },
    bindingDefinitions: bindings.map(({ name, type, direction = 'in' }) => ({ name, type, direction })),
    traceContext: { traceparent, tracestate: '', attributes: {} },
    log: v3Log,
    done,
  };
}
