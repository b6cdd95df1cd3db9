import type { InstanceInfo } from '../../instance-info.ts';

export const NAMESPACE = 'default';
export const APP_ID = '0';
export const UIN = '0';

/** The variables that SCF sets; the region only where the author did not. */
export function setVariables(instance: InstanceInfo): void {
  Object.assign(process.env, {
    SCF_FUNCTIONNAME: instance.function,
    SCF_FUNCTIONVERSION: instance.version,
    SCF_NAMESPACE: NAMESPACE,
    SCF_RUNTIME: 'Nodejs24',
    TENCENTCLOUD_APPID: APP_ID,
    TENCENTCLOUD_REGION: process.env.TENCENTCLOUD_REGION ?? 'ap-guangzhou',
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_UIN: UIN,
    USER_CODE_ROOT: `${instance.codeDir}/`,
  });
}
