import type { InstanceInfo } from '../../instance-info.ts';

/** The variables that Kubeless' controller sets. */
export function setVariables(instance: InstanceInfo): void {
  const { codeDir, handler, memoryMb, timeoutMs } = instance;
  Object.assign(process.env, {
    FUNC_HANDLER: handler.export,
    FUNC_MEMORY_LIMIT: `${memoryMb}Mi`,
    FUNC_PORT: '8080',
    FUNC_RUNTIME: 'nodejs24',
    FUNC_TIMEOUT: String(timeoutMs / 1000),
    KUBELESS_INSTALL_VOLUME: codeDir,
    MOD_NAME: handler.file.replace(/\.[cm]?[jt]s$/, ''),
  });
}
