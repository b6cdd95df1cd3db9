import { format } from 'node:util';
import type { Call } from '../../call.ts';
import { contextLog } from '../../call-context.ts';
import type { InstanceInfo } from '../../instance-info.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];
type Write = (...args: unknown[]) => void;

/** `context` of Function Compute. */
export interface AlibabaContext {
  readonly requestId: string;
  readonly credentials: Readonly<Record<'accessKeyId' | 'accessKeySecret' | 'securityToken', string>>;
  readonly function: Readonly<{ name: string; handler: string; memory: number; timeout: number }>;
  readonly service: Readonly<Record<string, string>>;
  readonly region: string;
  readonly accountId: string;
  readonly retryCount: number;
  readonly tracing: Readonly<Record<string, unknown>>;
  readonly logger: Readonly<Record<Level | 'log', Write> & { setLogLevel(level: string): void }>;
}

/** What every context of an instance says alike. Read once: each look at an environment variable leaves JavaScript. */
type Base = Omit<AlibabaContext, 'requestId' | 'tracing' | 'retryCount'>;

export function contextBase(instance: InstanceInfo): Base {
  const { env } = process;
  return {
    credentials: {
      accessKeyId: env.ALIBABA_CLOUD_ACCESS_KEY_ID ?? '',
      accessKeySecret: env.ALIBABA_CLOUD_ACCESS_KEY_SECRET ?? '',
      securityToken: env.ALIBABA_CLOUD_SECURITY_TOKEN ?? '',
    },
    function: {
      name: instance.function,
      handler: env.FC_FUNCTION_HANDLER ?? '',
      memory: instance.memoryMb,
      timeout: Math.max(1, Math.round(instance.timeoutMs / 1000)),
    },
    service: {
      name: env.FC_SERVICE_NAME ?? '',
      logProject: '',
      logStore: '',
      qualifier: env.FC_QUALIFIER ?? '',
      versionId: env.FC_VERSION_ID ?? '',
    },
    region: env.FC_REGION ?? '',
    accountId: env.FC_ACCOUNT_ID ?? '',
    logger: newLogger(),
  };
}

export function alibabaContext(base: Base, call: Call): AlibabaContext {
  return {
    requestId: call.message.id,
    ...base,
    retryCount: 0,
    tracing: {
      openTracingSpanContext: call.message.traceparent,
      openTracingSpanBaggages: {},
      jaegerEndpoint: '',
    },
  };
}

/** For the hooks at an instance's beginning and end, which belong to no call. */
export function hookContext(instance: InstanceInfo): AlibabaContext {
  const tracing = { openTracingSpanContext: '', openTracingSpanBaggages: {}, jaegerEndpoint: '' };
  return { requestId: '', ...contextBase(instance), retryCount: 0, tracing };
}

function newLogger(): AlibabaContext['logger'] {
  let lowest = 0;
  const at =
    (level: Level): Write =>
    (...args) => {
      if (LEVELS.indexOf(level) >= lowest) contextLog()[level](format(...args));
    };
  return {
    debug: at('debug'),
    info: at('info'),
    log: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLogLevel: (level) => {
      lowest = Math.max(0, LEVELS.indexOf(level.toLowerCase() as Level));
    },
  };
}
