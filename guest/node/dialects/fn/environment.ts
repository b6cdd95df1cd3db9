import type { InstanceInfo } from '../../instance-info.ts';

/** The variables that Fn sets. Names stand for ids as well. */
export function setVariables(instance: InstanceInfo): void {
  const { app, memoryMb } = instance;
  const name = instance.function;
  Object.assign(process.env, {
    FN_APP_ID: app,
    FN_APP_NAME: app,
    FN_FN_ID: name,
    FN_FN_NAME: name,
    FN_FORMAT: 'http-stream',
    FN_MEMORY: String(memoryMb),
  });
}
