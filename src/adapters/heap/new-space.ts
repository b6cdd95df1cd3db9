import { getHeapSpaceStatistics } from 'node:v8';

/** Memory that V8's space for new objects has, bytes. */
export function newSpaceBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return space?.physical_space_size ?? 0;
}
