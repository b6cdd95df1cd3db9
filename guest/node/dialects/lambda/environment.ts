import type { InstanceInfo } from '../../instance-info.ts';
import { RUNTIME } from '../../runtime.ts';

export const ACCOUNT_ID = '000000000000';

/** The variables that AWS's runtimes set; name, version, region and log names only where they are not given. */
export function setVariables(instance: InstanceInfo): void {
  const { codeDir, handler, memoryMb } = instance;
  const name = process.env.AWS_LAMBDA_FUNCTION_NAME ?? instance.function;
  const version = process.env.AWS_LAMBDA_FUNCTION_VERSION ?? instance.version;
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
  const day = new globalThis.Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const started = Math.round(performance.timeOrigin * 1000).toString(16);
  Object.assign(process.env, {
    _HANDLER: `${handler.file.replace(/\.[cm]?[jt]s$/, '')}.${handler.export}`,
    AWS_DEFAULT_REGION: process.env.AWS_DEFAULT_REGION ?? region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${RUNTIME}.x`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: process.env.AWS_LAMBDA_LOG_GROUP_NAME ?? `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: process.env.AWS_LAMBDA_LOG_STREAM_NAME ?? `${day}/[${version}]${started}`,
    AWS_REGION: region,
    LAMBDA_TASK_ROOT: codeDir,
  });
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})/;

/** The call's W3C trace context in X-Ray's form; null: it is none. */
export function traceHeader(traceparent: string): string | null {
  const parts = TRACEPARENT.exec(traceparent);
  if (parts === null) return null;
  const sampled = Number.parseInt(parts[4]!, 16) % 2;
  return `Root=1-${parts[1]}-${parts[2]};Parent=${parts[3]};Sampled=${sampled}`;
}

/** Puts it into `_X_AMZN_TRACE_ID`. */
export function setTraceVariable(traceparent: string): void {
  const header = traceHeader(traceparent);
  if (header === null) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = header;
}
