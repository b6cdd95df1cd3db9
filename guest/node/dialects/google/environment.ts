import type { InstanceInfo } from '../../instance-info.ts';

/** The variables that Google's runtimes set, where the author did not. */
export function setVariables(instance: InstanceInfo): void {
  const { handler, version, timeoutMs } = instance;
  const name = instance.function;
  const wanted: Readonly<Record<string, string>> = {
    CLOUD_RUN_TIMEOUT_SECONDS: String(Math.max(1, Math.round(timeoutMs / 1000))),
    FUNCTION_SIGNATURE_TYPE: 'http',
    FUNCTION_TARGET: handler.export === 'default' ? name : handler.export,
    K_CONFIGURATION: name,
    K_REVISION: `${name}-${version.slice(0, 8)}`,
    K_SERVICE: name,
    PORT: '8080',
  };
  const names = Object.keys(wanted);
  for (let at = 0; at < names.length; at += 1) process.env[names[at]!] ??= wanted[names[at]!]!;
}
