import type { InstanceInfo } from '../../instance-info.ts';

/** The variables that Function Compute sets, where the author did not. */
export function setVariables(instance: InstanceInfo): void {
  const { handler, memoryMb, timeoutMs, version } = instance;
  const wanted: Readonly<Record<string, string>> = {
    FC_ACCOUNT_ID: '0000000000000000',
    FC_FUNCTION_HANDLER: `${handler.file.replace(/\.[cm]?[jt]s$/, '')}.${handler.export}`,
    FC_FUNCTION_MEMORY_SIZE: String(memoryMb),
    FC_FUNCTION_NAME: instance.function,
    FC_FUNCTION_TIMEOUT: String(Math.max(1, Math.round(timeoutMs / 1000))),
    FC_FUNC_CODE_PATH: instance.codeDir,
    FC_INSTANCE_ID: `${version.slice(0, 8)}-${process.pid}`,
    FC_QUALIFIER: 'LATEST',
    FC_REGION: 'cn-hangzhou',
    FC_SERVICE_NAME: instance.app,
    FC_VERSION_ID: version,
  };
  const names = Object.keys(wanted);
  for (let at = 0; at < names.length; at += 1) process.env[names[at]!] ??= wanted[names[at]!]!;
}
