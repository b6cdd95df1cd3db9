import type { Call } from '../../call.ts';
import type { InstanceInfo } from '../../instance-info.ts';

/** The variables that say which action runs. The app stands for the namespace. */
export function setActionVariables(instance: InstanceInfo): void {
  Object.assign(process.env, {
    __OW_ACTION_NAME: `/${instance.app}/${instance.function}`,
    __OW_ACTION_VERSION: instance.version,
    __OW_NAMESPACE: instance.app,
  });
}

/** The variables that say which activation runs: as in OpenWhisk, the last one's when several run at a time. */
export function setActivationVariables(call: Call): void {
  const { env } = process;
  env.__OW_ACTIVATION_ID = call.message.id;
  env.__OW_TRANSACTION_ID = call.message.id;
  env.__OW_DEADLINE = String(call.message.deadline);
}
