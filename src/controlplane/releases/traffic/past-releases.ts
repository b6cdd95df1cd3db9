import type { Traffic } from '../../../domain/traffic.ts';

/** How many releases a rollback can go back; older ones are still there to be promoted. */
export const PAST_RELEASES_MAX = 100;

/** `past` after `release`, which was stable, has made way for another. */
export function pastWith(past: readonly string[], release: string | null): readonly string[] {
  return release === null ? past : [...past, release].slice(-PAST_RELEASES_MAX);
}

/**
 * The traffic without what `isKept` says is gone: a rollback must not lead to a release that was collected. What is
 * stable or on trial stays; whoever collects must not touch it. The same object when nothing changes.
 */
export function withoutCollected(traffic: Traffic, isKept: (release: string) => boolean): Traffic {
  const past: string[] = [];
  for (const release of traffic.past) {
    // Without what stood between them two may be the same: going back from one to the other would do nothing.
    if (isKept(release) && past.at(-1) !== release) past.push(release);
  }
  while (past.length > 0 && past.at(-1) === traffic.stable) past.pop();
  return past.length === traffic.past.length ? traffic : { ...traffic, past };
}
