import type { InstanceInfo } from '../../instance-info.ts';
import { APP_ID, NAMESPACE, UIN } from './environment.ts';

/** What a handler is told about its function and the call. */
export interface TencentContext extends ContextBase {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly request_id: string;
}

/** The part that every context of an instance has. */
export interface ContextBase {
  readonly memory_limit_in_mb: number;
  readonly time_limit_in_ms: number;
  readonly function_name: string;
  readonly function_version: string;
  readonly namespace: string;
  readonly tencentcloud_region: string;
  readonly tencentcloud_appid: string;
  readonly tencentcloud_uin: string;
  /** The function's own variables as JSON, */
  readonly environment: string;
  /** and as `A=1;B=2`. */
  readonly environ: string;
}

export function contextBase(instance: InstanceInfo): ContextBase {
  const variables: Record<string, string> = { SCF_NAMESPACE: NAMESPACE, ...instance.env };
  let environ = '';
  for (const name of Object.keys(variables)) {
    environ += `${environ === '' ? '' : ';'}${name}=${variables[name]}`;
  }
  return {
    memory_limit_in_mb: instance.memoryMb,
    time_limit_in_ms: instance.timeoutMs,
    function_name: instance.function,
    function_version: instance.version,
    namespace: NAMESPACE,
    tencentcloud_region: process.env.TENCENTCLOUD_REGION!,
    tencentcloud_appid: APP_ID,
    tencentcloud_uin: UIN,
    environment: JSON.stringify(variables),
    environ,
  };
}
