/**
 * Moments between two steps of a change, in the order in which a change comes past them. A node that is killed at any of them
 * must start again with the environment wholly old or wholly new; the fault tests do that at each.
 */
export const CHECKPOINTS = [
  'deploy.checked',
  'deploy.assembled',
  'deploy.candidate',
  'deploy.warm',
  'deploy.smoked',
  'release.recorded',
  'traffic.decided',
  'traffic.built',
  'traffic.saved',
  'traffic.published',
  'clone.sealed',
  'variables.built',
  'variables.saved',
  'collection.begun',
  'collection.pruned',
  'collection.listed',
  'collection.done',
] as const;

export type CheckpointName = (typeof CHECKPOINTS)[number];

/** Called at each; does nothing but in fault tests. */
export type Checkpoint = (name: CheckpointName) => void;
