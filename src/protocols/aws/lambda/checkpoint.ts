/**
 * Moments between two steps of a change, besides those that a deploy comes past on its own. A node that is killed at any of them must start
 * again with the change wholly made or not made at all; the fault tests do that at each.
 */
export const LAMBDA_CHECKPOINTS = [
  'code.unpacked',
  'code.kept',
  'code.assembled',
  'create.reserved',
  'create.served',
  'create.activated',
  'update.served',
  'update.saved',
  'publish.served',
  'publish.saved',
  'remove.marked',
  'remove.withdrawn',
  'remove.done',
  'version.removed',
  'version.withdrawn',
  'alias.saved',
  'alias.removed',
  'layer.saved',
] as const;

export type LambdaCheckpointName = (typeof LAMBDA_CHECKPOINTS)[number];

/** Called at each; does nothing but in fault tests. */
export type LambdaCheckpoint = (name: LambdaCheckpointName) => void;
